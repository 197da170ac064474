import { compile, type CompileOptions } from "./configuration/compile.ts";
import { type Child, type CompiledDomain, Level } from "./configuration/compiled.ts";
import { type ConfigurationProblem } from "./configuration/problem.ts";
import type { DescriptorConfiguration } from "./configuration/schema.ts";

/**
 * The limits of policies as a domain that changes in place: a change costs what the policy costs, however
 * many there are.
 */
export class PolicyTable {
  readonly domain: CompiledDomain;
  readonly #options: CompileOptions;
  readonly #root = new ChangingLevel();
  readonly #textsOf = new Map<string, readonly string[]>();

  constructor(domain: string, options: CompileOptions) {
    this.domain = { name: domain, root: this.#root };
    this.#options = options;
  }

  /** Puts the limits of a policy in place of those it had. Answers what is wrong with them. */
  set(
    id: string,
    descriptors: readonly DescriptorConfiguration[],
  ): readonly ConfigurationProblem[] {
    const { name: domain } = this.domain;
    const configuration = { domain, descriptors };
    const { domains, problems } = compile([{ name: id, configuration }], this.#options);
    this.delete(id);
    const children = [...domains.get(domain)?.root.children ?? []];
    for (const [text, child] of children) this.#root.put(text, child);
    this.#textsOf.set(id, children.map(([text]) => text));
    return problems;
  }

  /** The policy is gone. */
  delete(id: string): void {
    for (const text of this.#textsOf.get(id) ?? []) this.#root.drop(text);
    this.#textsOf.delete(id);
  }
}

/** Has no wildcards: the first step of a policy is its name. */
class ChangingLevel extends Level {
  readonly #children = new Map<string, Child>();

  override get children(): ReadonlyMap<string, Child> {
    return this.#children;
  }

  put(text: string, child: Child): void {
    this.#children.set(text, child);
  }

  drop(text: string): void {
    this.#children.delete(text);
  }
}
