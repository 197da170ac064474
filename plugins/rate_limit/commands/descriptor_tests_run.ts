import {
  type CommandSurroundings,
  type Paint,
  paintFor,
  UsageError,
} from "../../../command_line/mod.ts";
import {
  type CompiledDomain,
  type ConfigurationPlace,
  type DescriptorExplanation,
  type Entry,
  explainDescriptor,
  type Limit,
  problemLine,
} from "../mod.ts";
import { readLimits } from "./check_run.ts";
import type { TestFlags } from "./descriptor_tests.ts";

/** Says of each descriptor which limit is its own. */
export async function runTest(
  config: string,
  descriptors: readonly string[],
  flags: TestFlags,
  { terminal, color, exit }: CommandSurroundings,
): Promise<void> {
  const asked = descriptors.map((text) => ({ text, entries: entriesOf(text) }));
  const { compiled, problems } = await readLimits([config], flags.mergeDomainConfigs);
  for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
  if (problems.some(({ severity }) => severity === "error")) return exit(2);
  const domain = domainOf(compiled.domains, flags.domain);
  const answers = asked.map(({ text, entries }) => ({
    text,
    entries,
    explanation: explainDescriptor(domain, entries),
  }));
  if (flags.output === "json") {
    const told = answers.map(({ entries, explanation }) => asJson(entries, explanation));
    terminal.out(`${JSON.stringify({ domain: domain.name, descriptors: told }, undefined, 2)}\n`);
  } else {
    const paint = paintFor("out", terminal, color());
    for (const answer of answers) terminal.out(asText(answer, paint));
  }
  exit(answers.every(({ explanation }) => explanation.match !== undefined) ? 0 : 1);
}

function entriesOf(text: string): readonly Entry[] {
  return text.split(/(?<!\\),/).map((part) => {
    const plain = part.replaceAll("\\,", ",");
    const equals = plain.indexOf("=");
    if (equals < 1) {
      throw new UsageError(`"${part}" is no entry of a descriptor: write it as key=value`);
    }
    return { key: plain.slice(0, equals), value: plain.slice(equals + 1) };
  });
}

function domainOf(
  domains: ReadonlyMap<string, CompiledDomain>,
  name: string | undefined,
): CompiledDomain {
  const names = [...domains.keys()].join(", ");
  if (name === undefined) {
    const [only] = domains.values();
    if (only !== undefined && domains.size === 1) return only;
    throw new UsageError(
      domains.size === 0
        ? "The configuration is of no domain"
        : `Name one of the domains with --domain: ${names}`,
    );
  }
  const found = domains.get(name);
  if (found === undefined) throw new UsageError(`There is no domain "${name}"; there are ${names}`);
  return found;
}

function asText(
  { text, explanation }: { readonly text: string; readonly explanation: DescriptorExplanation },
  { bold, green, dim }: Paint,
): string {
  const { match, others, isAllowed } = explanation;
  const lines = [bold(text)];
  if (match !== undefined) {
    lines.push(`${green("->")} ${match.limit.fullKey}   ${limitText(match.limit)}`);
    lines.push(`rule  ${placeText(match.place)}`);
  } else {
    lines.push("-> no limit   always let through");
    if (isAllowed) lines.push("      its last step is configured, without a limit");
  }
  if (others.length > 0) {
    lines.push("others:");
    const width = Math.max(...others.map(({ limit }) => limit.fullKey.length));
    const places = others.map(({ place }) => placeText(place));
    const placeWidth = Math.max(...places.map((place) => place.length));
    for (const [index, { limit, why }] of others.entries()) {
      const place = places[index] ?? "";
      lines.push(
        `  ${dim(place.padEnd(placeWidth))}  ${limit.fullKey.padEnd(width)}  ${why}`,
      );
    }
  }
  return `${lines.join("\n")}\n\n`;
}

function limitText(limit: Limit): string {
  const marks = [limit.isShadow ? "shadow mode" : "", limit.isQuota ? "quota mode" : ""]
    .filter((mark) => mark !== "").map((mark) => `, ${mark}`).join("");
  if (limit.kind === "unlimited") return `unlimited${marks}`;
  const { requestsPerUnit, unit, unitMultiplier, algorithm, burst } = limit;
  const window = unitMultiplier === 1 ? unit : `${unitMultiplier} ${unit}s`;
  const bursts = algorithm === "gcra" && burst !== requestsPerUnit ? `, bursts of ${burst}` : "";
  return `${requestsPerUnit} per ${window} (${algorithm}${bursts})${marks}`;
}

function placeText(place: ConfigurationPlace | undefined): string {
  return place === undefined ? "" : `${place.file}:${place.line}:${place.column}`;
}

function asJson(entries: readonly Entry[], explanation: DescriptorExplanation): unknown {
  const { match, others, isAllowed } = explanation;
  return {
    entries,
    match: match === undefined ? null : { ...limitJson(match.limit), place: match.place ?? null },
    allowed: isAllowed,
    others: others.map(({ limit, place, why }) => ({
      rule: limit.fullKey,
      place: place ?? null,
      why,
    })),
  };
}

function limitJson(limit: Limit): Readonly<Record<string, unknown>> {
  const common = {
    rule: limit.fullKey,
    name: limit.name,
    shadowMode: limit.isShadow,
    quotaMode: limit.isQuota,
  };
  if (limit.kind === "unlimited") return { ...common, unlimited: true };
  const { requestsPerUnit, unit, unitMultiplier, algorithm, burst } = limit;
  return { ...common, requestsPerUnit, unit, unitMultiplier, algorithm, burst };
}
