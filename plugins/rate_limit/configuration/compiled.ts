import type { DomainSource } from "./compile.ts";
import type { ConfigurationPath } from "./problem.ts";
import type { AlgorithmName } from "./schema.ts";
import type { Unit } from "./unit.ts";

/** The limits of a domain, as they are looked up. */
export interface CompiledDomain {
  readonly name: string;
  readonly root: Level;
}

/** What a descriptor that is found is held to. */
export type LimitSpec = UnlimitedSpec | CountedSpec;

/** Never counted. */
export interface UnlimitedSpec {
  readonly kind: "unlimited";
  /** Empty when it has none. */
  readonly name: string;
  readonly replaces: readonly string[];
}

/** So many hits in a window. */
export interface CountedSpec {
  readonly kind: "counted";
  /** Empty when it has none. */
  readonly name: string;
  readonly replaces: readonly string[];
  readonly requestsPerUnit: number;
  readonly unit: Unit;
  /** How many units the window is long. */
  readonly unitMultiplier: number;
  readonly windowMs: number;
  readonly algorithm: AlgorithmName;
  /** Hits that may come at once, by `gcra`. */
  readonly burst: number;
}

/** A limit with how it is told. */
export type Limit = LimitSpec & {
  /** `<domain>.<level>.<level>`, as the reference names it. */
  readonly fullKey: string;
  /** Counted and told, but never over. */
  readonly isShadow: boolean;
  readonly isQuota: boolean;
  /** Metrics by the values of the request. */
  readonly isDetailed: boolean;
  /** The steps as configured, for metrics. */
  readonly levels: readonly string[];
  /** More than this is near the limit. */
  readonly nearAbove: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** What is configured at one step of a descriptor, and beneath it. */
export class Level {
  limit: Limit | undefined;
  readonly #children = new Map<string, Child>();
  readonly #wildcards: Child[] = [];

  /** By composed text: `key`, or `key_value`. */
  get children(): ReadonlyMap<string, Child> {
    return this.#children;
  }

  /** Those with a `*`, in the order of the file. */
  get wildcards(): readonly Child[] {
    return this.#wildcards;
  }

  /** Adds a step that is not there yet, and returns what is beneath it. */
  add(text: string, facts: Omit<ChildFacts, "text" | "segments">): Level {
    const segments = text.includes("*") ? text.split("*") : undefined;
    const child = { ...facts, text, segments, level: new Level() };
    this.#children.set(text, child);
    if (segments !== undefined) this.#wildcards.push(child);
    return child.level;
  }

  /** Another level with the same children. */
  copy(): Level {
    const copy = new Level();
    copy.limit = this.limit;
    for (const child of this.#children.values()) {
      copy.#children.set(child.text, child);
      if (child.segments !== undefined) copy.#wildcards.push(child);
    }
    return copy;
  }
}

/** One step from a level to the next. */
export interface Child extends ChildFacts {
  readonly level: Level;
}

/** What a step is. */
export interface ChildFacts {
  /** `key`, or `key_value` */
  readonly text: string;
  /** The parts between the `*`; absent without any. */
  readonly segments: readonly string[] | undefined;
  /** Takes any value of the key. */
  readonly isKeyOnly: boolean;
  /** All that the wildcard takes is counted together. */
  readonly isShared: boolean;
  readonly valueToMetric: boolean;
  /** Where it stands in its source. */
  readonly path: ConfigurationPath;
  readonly source: DomainSource;
}
