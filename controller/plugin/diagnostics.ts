import { codeNamed, codes, type Diagnostic, formatPath, type Problem } from "../api/mod.ts";
import { diagnose, Fault, type Origin } from "../graph/mod.ts";
import type { Conflict } from "./attachments.ts";
import type { PluginDiagnostic } from "./contract.ts";
import type { PolicyFacts } from "./facts.ts";
import type { PluginSet } from "./plugin_set.ts";

/** Collects what is wrong with policies, each thing once. */
export class PolicyDiagnostics {
  readonly #found = new Map<string, Diagnostic>();

  /** In the order they were found. */
  all(): readonly Diagnostic[] {
    return [...this.#found.values()];
  }

  /** A field for a plugin that is not in use. */
  unknown(origin: Origin, field: string, { byField }: PluginSet): void {
    const known = [...byField.keys()].sort();
    const others = known.length === 0
      ? "no plugin has a field here"
      : `there are ${known.join(", ")}`;
    this.#tell(origin, new Fault("PluginUnknown", `no plugin carries out "${field}": ${others}`));
  }

  /** The function for it failed. */
  failed({ name }: PolicyFacts, origin: Origin, message: string): void {
    this.#tell(origin, new Fault("PluginFailed", `the plugin of ${name} failed: ${message}`));
  }

  /** Settings in a field or an annotation that the schema does not take. */
  notValid(facts: PolicyFacts, origin: Origin, problems: readonly Problem[]): void {
    for (const { path, message, code } of problems) {
      if (code === codeNamed("PluginFailed")) this.failed(facts, origin, message);
      else {
        const below = origin.path.startsWith("metadata.") ? "" : formatPath(path);
        this.#tell(origin, new Fault("PolicyNotValid", `${facts.name}: ${message}`, below));
      }
    }
  }

  /** Another one counts in its place. */
  conflict({ name }: PolicyFacts, { winner, loser }: Conflict): void {
    const { object, path } = winner;
    const shown = object.kind === loser.object.kind && path === "spec"
      ? `"${object.namespace}/${object.name}"`
      : `that of ${object.kind} "${object.namespace}/${object.name}" at ${path}`;
    const message = `has no effect where another ${name} comes first: ${shown}`;
    this.#tell(
      { ...loser, path: loser.path === "spec" ? "" : loser.path },
      new Fault("PolicyConflict", message),
    );
  }

  /** What the plugin says. */
  finding({ name }: PolicyFacts, origin: Origin, found: PluginDiagnostic): void {
    const { severity, message, path = "", hint } = found;
    const told = diagnose(origin, new Fault("PolicyFinding", `${name}: ${message}`, path));
    this.#add({
      ...told,
      severity: severity ?? codes[told.code].severity,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #tell(origin: Origin, fault: Fault): void {
    this.#add(diagnose(origin, fault));
  }

  #add(diagnostic: Diagnostic): void {
    this.#found.set(JSON.stringify(diagnostic), diagnostic);
  }
}
