import { type CompiledDomain, Level, type Limit, type LimitSpec } from "./compiled.ts";
import type { ConfigurationPath, ConfigurationProblem } from "./problem.ts";
import type { ConfigurationReading } from "./read.ts";
import type {
  AlgorithmName,
  DescriptorConfiguration,
  DomainConfiguration,
  LimitConfiguration,
} from "./schema.ts";
import { unitMs, unitOf, units } from "./unit.ts";

/**
 * Domains as they are looked up. Checks what needs more than one value: a part with a mistake makes
 * its whole domain fall out, as in the reference service it makes the whole file.
 */
export function compile(sources: readonly DomainSource[], options: CompileOptions): Compiled {
  const domains = new Map<string, CompiledDomain>();
  const problems: ConfigurationProblem[] = [];
  for (const source of sources) {
    const compiler = new Compiler(source, options);
    const { domain } = source.configuration;
    const known = domains.get(domain);
    if (domain === "") compiler.tell([], "config file cannot have empty domain");
    else if (known !== undefined && !options.mergeDomains) {
      compiler.tell(["domain"], `duplicate domain '${domain}' in config file`);
    } else {
      // Into a copy, so that a mistake leaves what is known as it is.
      const root = known?.root.copy() ?? new Level();
      compiler.fill(root, source.configuration.descriptors ?? [], ["descriptors"], [domain]);
      if (compiler.problems.length === 0) domains.set(domain, { name: domain, root });
    }
    problems.push(...compiler.problems);
  }
  return { domains, problems };
}

/** One configuration of a domain, and who can say where its parts stand. */
export interface DomainSource {
  readonly configuration: DomainConfiguration;
  /** For the messages: the path of the file, or the name of the policy. */
  readonly name: string;
  readonly placeOf?: Extract<ConfigurationReading, { readonly ok: true }>["placeOf"];
}

/** What holds where the configuration says nothing. */
export interface CompileOptions {
  readonly algorithm: AlgorithmName;
  /** Whether several sources may be of one domain. */
  readonly mergeDomains: boolean;
  /** The part of a limit from which on it counts as near. Default of the reference: 0.8. */
  readonly nearLimitRatio: number;
}

/** The domains without mistakes, and the mistakes. */
export interface Compiled {
  readonly domains: ReadonlyMap<string, CompiledDomain>;
  readonly problems: readonly ConfigurationProblem[];
}

class Compiler {
  readonly problems: ConfigurationProblem[] = [];
  readonly #source: DomainSource;
  readonly #options: CompileOptions;

  constructor(source: DomainSource, options: CompileOptions) {
    this.#source = source;
    this.#options = options;
  }

  fill(
    level: Level,
    descriptors: readonly DescriptorConfiguration[],
    path: ConfigurationPath,
    above: readonly string[],
  ): void {
    for (const [index, descriptor] of descriptors.entries()) {
      this.#add(level, descriptor, [...path, index], above);
    }
  }

  tell(path: ConfigurationPath, message: string, hint?: string): void {
    const place = this.#source.placeOf?.(path);
    this.problems.push({
      severity: "error",
      message: place === undefined ? `${this.#source.name}: ${message}` : message,
      ...(place === undefined ? {} : { place }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #add(
    level: Level,
    descriptor: DescriptorConfiguration,
    path: ConfigurationPath,
    above: readonly string[],
  ): void {
    const { key, value = "", share_threshold: shared = false } = descriptor;
    if (key === "") return this.tell([...path, "key"], "descriptor has empty key");
    const text = value === "" ? key : `${key}_${value}`;
    const steps = [...above, text];
    const fullKey = steps.join(".");
    if (level.children.has(text)) {
      return this.tell([...path, "key"], `duplicate descriptor composite key '${fullKey}'`);
    }
    if (shared && !text.includes("*")) {
      this.tell(
        [...path, "share_threshold"],
        "share_threshold can only be used with wildcard values (containing '*'), " +
          `but found key '${text}'`,
      );
    }
    const child = level.add(text, {
      isKeyOnly: value === "",
      isShared: shared,
      valueToMetric: descriptor.value_to_metric ?? false,
      path: [...path],
      source: this.#source,
    });
    if (descriptor.rate_limit !== undefined) {
      const spec = this.#spec(descriptor.rate_limit, [...path, "rate_limit"]);
      if (spec !== undefined) child.limit = this.#limit(spec, descriptor, steps);
    }
    this.fill(child, descriptor.descriptors ?? [], [...path, "descriptors"], steps);
  }

  #spec(limit: LimitConfiguration, path: ConfigurationPath): LimitSpec | undefined {
    const { unit: unitText = "", requests_per_unit: requests = 0, name = "" } = limit;
    const replaces = (limit.replaces ?? []).map((replaced) => replaced.name ?? "");
    for (const [index, replaced] of replaces.entries()) {
      const at = [...path, "replaces", index];
      if (replaced === "") this.tell(at, "should not have an empty replaces entry");
      else if (replaced === name) {
        this.tell(at, "replaces should not contain name of same descriptor");
      }
    }
    const unit = unitOf(unitText);
    if (limit.unlimited === true) {
      if (unit !== undefined) {
        this.tell([...path, "unit"], "should not specify rate limit unit when unlimited");
      }
      return { kind: "unlimited", name, replaces };
    }
    if (unit === undefined) {
      const hint = `units are ${units.join(", ")}`;
      this.tell([...path, "unit"], `invalid rate limit unit '${unitText}'`, hint);
      return undefined;
    }
    const algorithm = limit.algorithm ?? this.#options.algorithm;
    const multiplier = limit.unit_multiplier ?? 1;
    if (limit.burst !== undefined && algorithm !== "gcra") {
      this.tell([...path, "burst"], `burst has no meaning for the algorithm ${algorithm}`);
    }
    return {
      kind: "counted",
      name,
      replaces,
      requestsPerUnit: requests,
      unit,
      unitMultiplier: multiplier,
      windowMs: unitMs[unit] * multiplier,
      algorithm,
      burst: requests === 0 ? 0 : limit.burst ?? requests,
    };
  }

  #limit(
    spec: LimitSpec,
    descriptor: DescriptorConfiguration,
    steps: readonly string[],
  ): Limit {
    return {
      ...spec,
      fullKey: steps.join("."),
      levels: steps.slice(1),
      isShadow: descriptor.shadow_mode ?? false,
      isQuota: descriptor.quota_mode ?? false,
      isDetailed: descriptor.detailed_metric ?? false,
      nearAbove: nearThreshold(spec, this.#options.nearLimitRatio),
      ...(descriptor.metadata === undefined ? {} : { metadata: descriptor.metadata }),
    };
  }
}

/** In single precision, as the reference reckons. */
export function nearThreshold(spec: LimitSpec, ratio: number): number {
  if (spec.kind === "unlimited") return 0;
  const whole = spec.algorithm === "gcra" ? spec.burst : spec.requestsPerUnit;
  return Math.floor(Math.fround(Math.fround(whole) * Math.fround(ratio)));
}
