import type { Paint } from "../../../command_line/mod.ts";
import { keyId } from "../../../controller/api/mod.ts";
import type { Candidate, Explanation, Outcome, Place, Target } from "../../../explain/mod.ts";
import { counted } from "../diagnostics.ts";
import { printable } from "../lint/printable.ts";
import { treatmentRows } from "./treatment.ts";

/** How an explanation is to look. */
export interface ExplanationLook {
  readonly paint: Paint;
  /** Characters in a line; `Infinity` for no terminal. */
  readonly columns: number;
  /** Whether all rules that lost are shown, however many. */
  readonly all: boolean;
}

/** An explanation for people: the request, where it goes, by which rule, and what lost to it. */
export function explanationText(explanation: Explanation, look: ExplanationLook): string {
  const { request, outcome, problems } = explanation;
  const { paint } = look;
  const headers = Object.entries(request.headers).map(([name, value]) => `  ${name}: ${value}`);
  const lines = [
    paint.bold(printable(`${request.method} ${request.url}`)),
    ...headers.map((line) => paint.dim(printable(line))),
    ...outcomeLines(explanation, look),
    ...ruleLines(explanation, look),
    ...treatmentLines(explanation, look),
    ...policyLines(explanation, look),
    ...problems.map(({ severity, message, object, path, position }) => {
      const place = object === undefined
        ? ""
        : `${placeText({ object, path, ...(position === undefined ? {} : { position }) })}  `;
      const label = severity === "error" ? paint.red("error") : paint.yellow(severity);
      return `${label.padEnd(label.length + labelWidth - severity.length)}${
        printable(place + message)
      }`;
    }),
    ...candidateLines(explanation.candidates, outcome, look),
  ];
  return `${lines.join("\n")}\n`;
}

const labelWidth = 10;

function outcomeLines(
  { outcome, host, request }: Explanation,
  { paint }: ExplanationLook,
): readonly string[] {
  const arrow = (text: string) => `${paint.bold("->")} ${text}`;
  switch (outcome.kind) {
    case "forward":
      return targetLines(outcome.targets, outcome.mirrors, { paint });
    case "tcp-proxy": {
      const how = outcome.tls === "terminated"
        ? "as bytes, once TLS is ended: no rule looks at the request"
        : "as it is: TLS is passed through, and no rule looks at the request";
      return [
        ...targetLines(outcome.targets, [], { paint }),
        ...(host === undefined
          ? []
          : [row("host", [`${placeText(host.owner)}  ${host.fqdn}`], paint)]),
        row("", [how], paint),
      ];
    }
    case "redirect":
      return [arrow(paint.green(printable(`${outcome.statusCode} to ${outcome.location}`)))];
    case "direct-response": {
      const body = outcome.body.length > 60 ? `${outcome.body.slice(0, 60)}…` : outcome.body;
      const text = `${outcome.statusCode} from Envoy itself`;
      const shown = body === "" ? text : `${text}: ${JSON.stringify(body)}`;
      return [
        arrow(
          outcome.statusCode < 500 ? paint.green(printable(shown)) : paint.red(printable(shown)),
        ),
      ];
    }
    case "none":
      return [
        arrow(
          paint.red(
            outcome.why === "no-tls" || (outcome.why === "unknown-host" && request.tls)
              ? "nobody: the TLS connection is closed"
              : "nobody: 404",
          ),
        ),
        ...noneLines(outcome, { host, request }, paint),
      ];
  }
}

function noneLines(
  { why, nearHosts }: Extract<Outcome, { kind: "none" }>,
  { host, request }: Pick<Explanation, "request"> & { readonly host: Explanation["host"] },
  paint: Paint,
): readonly string[] {
  const name = new URL(request.url).hostname;
  const at = host === undefined ? "" : `${placeText(host.owner)}  `;
  switch (why) {
    case "unknown-host":
      return [
        row("host", [`no host that is served answers for "${name}"`], paint),
        ...(nearHosts.length === 0 ? [] : [row("near", [nearHosts.join(", ")], paint)]),
      ];
    case "no-tls":
      return [
        row("host", [`${at}${host?.fqdn} has no TLS: ask http, or give it a certificate`], paint),
      ];
    case "no-plain":
      return [row("host", [`${at}${host?.fqdn} is served over TLS only: ask https`], paint)];
    case "no-rule":
      return [row("host", [`${at}${host?.fqdn} has no rule for this request`], paint)];
  }
}

function targetLines(
  targets: readonly Target[],
  mirrors: readonly Target[],
  { paint }: { readonly paint: Paint },
): readonly string[] {
  const rows = [
    ...targets.map((target) => ({
      target,
      share: targets.length === 1 ? "" : `${target.percent}%`,
    })),
    ...mirrors.map((target) => ({ target, share: `copies of ${target.percent}%` })),
  ];
  const names = rows.map(({ target }) => `${target.namespace}/${target.service}:${target.port}`);
  const width = Math.max(...names.map((name) => name.length));
  const shareWidth = Math.max(...rows.map(({ share }) => share.length));
  return rows.map(({ target, share }, i) => {
    const begin = i === 0 ? paint.bold("->") : "  ";
    const name = paint.green(printable((names[i] ?? "").padEnd(width)));
    const part = shareWidth === 0 ? "" : `  ${share.padEnd(shareWidth)}`;
    return `${begin} ${name}${part}   ${paint.dim(`(${endpointsText(target)})`)}`;
  });
}

function endpointsText({ endpoints, protocol }: Target): string {
  const spoken = protocol === "http/1.1" ? "" : `, ${protocol}`;
  switch (endpoints.kind) {
    case "known":
      return `${endpoints.ready} of ${counted(endpoints.total, "endpoint")} ready${spoken}`;
    case "unknown":
      return `endpoints not in the files${spoken}`;
    case "dns":
      return `by DNS: ${printable(endpoints.name)}${spoken}`;
  }
}

function ruleLines({ rule }: Explanation, { paint, columns }: ExplanationLook): readonly string[] {
  if (rule === undefined) return [];
  const own = `${placeText(rule)}  ${keyId(rule.object)}  ${rule.conditions.join(", ")}`;
  const includes = rule.includedBy.map((include) =>
    `included by ${placeText(include)}  ${keyId(include.object)}${
      include.prefix === "" ? "" : `  prefix ${include.prefix}`
    }`
  );
  const [only, second] = includes;
  if (only !== undefined && second === undefined) {
    const inOne = row("rule", [own, only], paint);
    if (labelWidth + own.length + only.length + 3 <= columns) return [inOne];
  }
  return [row("rule", [own], paint), ...includes.map((text) => row("", [text], paint))];
}

function treatmentLines(
  { treatment }: Explanation,
  { paint, columns }: ExplanationLook,
): readonly string[] {
  if (treatment === undefined) return [];
  return treatmentRows(treatment).flatMap(({ label, parts }) => {
    const length = parts.reduce((sum, part) => sum + part.length + 3, labelWidth - 3);
    if (length <= columns) return [row(label, parts, paint)];
    return parts.map((part, i) => row(i === 0 ? label : "", [part], paint));
  });
}

function policyLines(
  { policies = [] }: Explanation,
  { paint }: ExplanationLook,
): readonly string[] {
  return policies.map(({ kind, ...place }, i) =>
    row(i === 0 ? "policies" : "", [`${kind}: ${placeText(place)}`], paint)
  );
}

function candidateLines(
  candidates: readonly Candidate[],
  outcome: Outcome,
  { paint, columns, all }: ExplanationLook,
): readonly string[] {
  if (candidates.length === 0) return [];
  const shown = all ? candidates : candidates.slice(0, shownCandidates);
  const rows = shown.map((candidate) => ({
    place: printable(placeText(candidate)),
    conditions: printable(candidate.conditions.join(", ")),
    reason: printable(candidate.reason),
  }));
  const width = (texts: readonly string[]) =>
    Math.max(...texts.map((text) => text.length).filter((length) => length <= widestColumn), 0);
  const placeWidth = width(rows.map(({ place }) => place));
  const conditionsWidth = width(rows.map(({ conditions }) => conditions));
  const hidden = candidates.length - shown.length;
  return [
    paint.dim(outcome.kind === "none" ? "none of these takes it:" : "lost to it:"),
    ...rows.flatMap(({ place, conditions, reason }) => {
      const begin = `  ${place.padEnd(placeWidth)}  ${conditions.padEnd(conditionsWidth)}`;
      if (begin.length + reason.length + 3 <= columns) return [`${begin}   ${paint.dim(reason)}`];
      return [begin.trimEnd(), `      ${paint.dim(reason)}`];
    }),
    ...(hidden === 0 ? [] : [paint.dim(`  and ${counted(hidden, "rule")} more: -v shows all`)]),
  ];
}

const shownCandidates = 10;
/** Longer texts stand out of their column, rather than move all others. */
const widestColumn = 60;

function row(label: string, parts: readonly string[], paint: Paint): string {
  return `${paint.dim(label.padEnd(labelWidth))}${printable(parts.join("   "))}`;
}

/** `routes/shop.yaml:11`, or the object and the field where there is no file. */
function placeText({ object, path, position }: Place): string {
  if (position !== undefined) return `${position.file}:${position.line}`;
  return path === "" ? keyId(object) : `${keyId(object)} ${path}`;
}
