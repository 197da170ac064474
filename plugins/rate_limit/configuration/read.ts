import { nearest } from "../outside.ts";
import type { ConfigurationPath, ConfigurationPlace, ConfigurationProblem } from "./problem.ts";
import { Domain, type DomainConfiguration, knownKeys, ownKeys } from "./schema.ts";
import { YamlMistake, type YamlNode, yamlNodes, type YamlRange } from "./yaml_nodes.ts";

/**
 * Reads a file of the reference service: one domain. Everything that is wrong is told at once, at its
 * place; rules that need more than one value are checked where domains are compiled. Never throws for
 * what is in the text.
 */
export function readConfiguration(text: string, file: string): ConfigurationReading {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  const lines = new Lines(source, file);
  let root: YamlNode;
  try {
    root = yamlNodes(source);
  } catch (error) {
    if (!(error instanceof YamlMistake)) throw error;
    const place = lines.place({ start: error.offset, end: error.offset + 1 });
    const message = `error loading config file: ${error.message}`;
    return { ok: false, problems: [{ severity: "error", message, place }] };
  }
  const problems: ConfigurationProblem[] = [];
  const warnings: ConfigurationProblem[] = [];
  const tell: Tell = (range, message, hint, severity = "error") => {
    const told = { severity, message, place: lines.place(range) };
    (severity === "error" ? problems : warnings).push(
      hint === undefined ? told : { ...told, hint },
    );
  };
  const value = valueOf(root, "domain", tell);
  const result = Domain.safeParse(value ?? {});
  for (const issue of result.error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") continue; // told by valueOf, with what was meant
    const path = issue.path.map((step) => typeof step === "number" ? step : String(step));
    const found = nodeAt(root, path);
    tell(found.value, `error loading config file: ${describe(issue, path, found.value)}`);
  }
  if (!result.success || problems.length > 0) {
    return { ok: false, problems: problems.sort(byPlace) };
  }
  return {
    ok: true,
    configuration: result.data,
    warnings,
    placeOf: (path, at = "value") => {
      const { key, value } = nodeAt(root, path);
      return lines.place(at === "key" || value.end <= value.start ? key ?? value : value);
    },
  };
}

/** The domain of a file, and where its parts stand; or why it cannot be used. */
export type ConfigurationReading =
  | {
    readonly ok: true;
    readonly configuration: DomainConfiguration;
    /** What has no effect. */
    readonly warnings: readonly ConfigurationProblem[];
    /** Where the value at a path stands, or its name; the nearest thing around it if it is not there. */
    readonly placeOf: (path: ConfigurationPath, at?: "key" | "value") => ConfigurationPlace;
  }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] };

type Tell = (
  range: YamlRange,
  message: string,
  hint?: string,
  severity?: ConfigurationProblem["severity"],
) => void;
type Level = keyof typeof knownKeys;

/** What the keys are text of, however they are written: `value: 123`. */
const textKeys = new Set(["domain", "key", "value", "name", "unit"]);

/** Which level the lists and maps beneath a key are of. */
const levelBelow: Readonly<Record<string, Level>> = {
  descriptors: "descriptor",
  rate_limit: "limit",
  replaces: "replaces",
};

function valueOf(node: YamlNode, level: Level, tell: Tell): unknown {
  if (node.kind === "scalar" && node.value === null) return undefined;
  if (node.kind !== "map") {
    tell(node, "error loading config file: a map of keys and values is needed here");
    return undefined;
  }
  const value: Record<string, unknown> = {};
  tellOddKeys(node, tell);
  const known = knownKeys[level];
  for (const [name, entry] of node.entries) {
    if (!known.includes(name)) {
      if (!isOfReference(name)) tellUnknown(name, known, entry, tell);
      else {
        // The reference takes any of its keys anywhere, and does not look at those it does not expect.
        const message = `'${name}' has no effect in a ${levelNames[level]}`;
        tell(entry.key, message, undefined, "warning");
        if (name !== "metadata") checkKeys(entry.value, tell);
      }
    } else if (name === "metadata") value[name] = anyValue(entry.value);
    else value[name] = knownValue(name, entry.value, tell);
  }
  return value;
}

/** What the reference refuses in a part of a file that it does not use otherwise. */
function checkKeys(node: YamlNode, tell: Tell): void {
  switch (node.kind) {
    case "scalar":
      if (node.isFloat) tell(node, `error checking config: ${node.text} is no integer`);
      return;
    case "list":
      for (const item of node.items) {
        if (item.kind === "map") checkKeys(item, tell);
        else tellOddItem(item, tell);
      }
      return;
    case "map":
      tellOddKeys(node, tell);
      for (const [name, entry] of node.entries) {
        if (!isOfReference(name)) tellUnknown(name, referenceKeys, entry, tell);
        else if (name !== "metadata") checkKeys(entry.value, tell);
      }
  }
}

function tellOddKeys({ oddKeys }: Extract<YamlNode, { readonly kind: "map" }>, tell: Tell): void {
  for (const odd of oddKeys) {
    const text = odd.kind === "scalar" ? odd.text : `a ${odd.kind}`;
    tell(odd, `config error, key is not of type string: ${text}`, "quote it");
  }
}

function tellUnknown(
  name: string,
  known: readonly string[],
  { key }: { readonly key: YamlRange },
  tell: Tell,
): void {
  const near = nearest(name, [...known]);
  const meant = near === undefined ? "" : `, did you mean "${near}"?`;
  const hint = near === undefined ? `keys known here: ${[...known].sort().join(", ")}` : undefined;
  tell(key, `config error, unknown key '${name}'${meant}`, hint);
}

function tellOddItem(item: YamlNode, tell: Tell): void {
  const text = item.kind === "scalar" ? item.text : "a list";
  tell(item, `config error, yaml file contains list of type other than map: ${text}`);
}

/** Keys that are not of ours alone. */
const referenceKeys = Object.values(knownKeys).flat().filter((key) => !ownKeys.includes(key));

function isOfReference(key: string): boolean {
  return referenceKeys.includes(key);
}

const levelNames: Readonly<Record<Level, string>> = {
  domain: "file beside the domain",
  descriptor: "descriptor",
  limit: "rate_limit",
  replaces: "list of replaced limits",
};

function knownValue(name: string, node: YamlNode, tell: Tell): unknown {
  const below = levelBelow[name];
  switch (node.kind) {
    case "scalar":
      if (node.value === null) return undefined;
      if (node.isFloat) {
        tell(node, `error checking config: ${node.text} is no integer`, "quote it if it is text");
        return undefined;
      }
      return textKeys.has(name) && typeof node.value !== "string" ? node.text : node.value;
    case "list":
      if (below === undefined || below === "limit") {
        checkKeys(node, tell);
        return [];
      }
      return node.items.map((item) => {
        if (item.kind === "map") return valueOf(item, below, tell) ?? {};
        tellOddItem(item, tell);
        return {};
      });
    case "map":
      if (below === "limit") return valueOf(node, below, tell);
      checkKeys(node, tell);
      return {};
  }
}

/** The content of `metadata`, which is free. */
function anyValue(node: YamlNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(anyValue);
    case "map":
      return Object.fromEntries(
        [...node.entries].map(([name, { value }]) => [name, anyValue(value)]),
      );
  }
}

function nodeAt(
  root: YamlNode,
  path: ConfigurationPath,
): { readonly key?: YamlRange; readonly value: YamlNode } {
  let found: { readonly key?: YamlRange; readonly value: YamlNode } = { value: root };
  for (const step of path) {
    const { value } = found;
    const next: { readonly key?: YamlRange; readonly value: YamlNode } | undefined =
      value.kind === "list" && typeof step === "number" && value.items[step] !== undefined
        ? { value: value.items[step] }
        : value.kind === "map"
        ? value.entries.get(String(step))
        : undefined;
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function describe(
  issue: { readonly code: string; readonly message: string; readonly expected?: unknown },
  path: ConfigurationPath,
  node: YamlNode,
): string {
  const name = path.findLast((step) => typeof step === "string") ?? "the file";
  const given = node.kind === "scalar"
    ? typeof node.value === "string" ? `the text ${JSON.stringify(node.text)}` : node.text
    : `a ${node.kind}`;
  return `"${name}" ${wanted(issue)}, not ${given}`;
}

function wanted(issue: { readonly code: string; readonly message: string; expected?: unknown }) {
  if (issue.code === "invalid_value") {
    return `must be one of ${"values" in issue ? listed(issue.values) : ""}`;
  }
  if (issue.code === "too_small" && "minimum" in issue) return `must be at least ${issue.minimum}`;
  if (issue.code === "too_big") return "must be at most 4294967295";
  switch (issue.expected) {
    case "int":
    case "number":
      return "must be an integer";
    case "boolean":
      return "must be true or false";
    case "string":
      return "must be text";
    case "array":
      return "must be a list";
    default:
      return "must be a map of keys and values";
  }
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.join(", ") : String(values);
}

function byPlace({ place: a }: ConfigurationProblem, { place: b }: ConfigurationProblem): number {
  return a === undefined || b === undefined ? 0 : a.line - b.line || a.column - b.column;
}

/** Offsets as lines and columns. */
class Lines {
  readonly #file: string;
  readonly #starts: number[] = [0];

  constructor(source: string, file: string) {
    this.#file = file;
    for (const match of source.matchAll(/\r\n|\n|\r/g)) {
      this.#starts.push(match.index + match[0].length);
    }
  }

  place({ start, end }: YamlRange): ConfigurationPlace {
    const from = this.#at(start);
    const to = this.#at(Math.max(end, start + 1));
    return { file: this.#file, ...from, endLine: to.line, endColumn: to.column };
  }

  #at(offset: number): { readonly line: number; readonly column: number } {
    const index = this.#starts.findLastIndex((start) => start <= offset);
    return { line: index + 1, column: offset - (this.#starts[index] ?? 0) + 1 };
  }
}
