import type { Condition, HeaderCondition, PathCondition } from "../settings/condition.ts";
import { canonicalName } from "../settings/header_name.ts";
import type { Direction } from "../settings/variables.ts";
import { celText } from "./cel_text.ts";
import { contentTypePattern } from "./content_type.ts";

/**
 * When a step is taken, in CEL; `undefined`: always. What cannot be told is false there, so each
 * part first asks whether what it reads is there.
 * See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes
 */
export function conditionExpression(
  when: Condition | undefined,
  unless: Condition | undefined,
  direction: Direction,
): string | undefined {
  const parts = [
    ...(when === undefined ? [] : terms(when, direction)),
    ...(unless === undefined ? [] : [`!(${terms(unless, direction).join(" && ")})`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" && ");
}

/** What a header of the message holds, in CEL; several values are joined by commas. */
export function headerExpression(direction: Direction, name: string): string {
  return `${direction}.headers[${celText(canonicalName(name))}]`;
}

/** Whether the message has the header, in CEL. */
export function presence(direction: Direction, name: string): string {
  return `(${celText(canonicalName(name))} in ${direction}.headers)`;
}

/** Whether the step asks for the path of requests. */
export function asksForPath({ when, unless }: {
  readonly when?: Condition | undefined;
  readonly unless?: Condition | undefined;
}): boolean {
  return when?.path !== undefined || unless?.path !== undefined;
}

/** Where metadata of ours stands, and under which key in it the path that the client asked for. */
export const metadataNamespace = "contour.header_policy";
/** See {@link metadataNamespace}. */
export const pathKey = "path";

/** Envoy writes into it how a request came, whatever the client says. */
const schemeHeader = "x-forwarded-proto";

function terms(condition: Condition, direction: Direction): readonly string[] {
  const { methods, path, scheme, requestHeaders, status, contentTypes, responseHeaders } =
    condition;
  return [
    ...(methods === undefined ? [] : [`request.method in [${methods.map(celText).join(", ")}]`]),
    ...(path === undefined ? [] : [pathTerm(path, direction)]),
    ...(scheme === undefined ? [] : [guarded("request", schemeHeader, `== ${celText(scheme)}`)]),
    ...(requestHeaders ?? []).map((header) => headerTerm("request", header)),
    ...(status === undefined ? [] : [statusTerm(status)]),
    ...(contentTypes === undefined ? [] : [contentTypeTerm(contentTypes)]),
    ...(responseHeaders ?? []).map((header) => headerTerm("response", header)),
  ];
}

function headerTerm(direction: Direction, { name, present, equals, pattern }: HeaderCondition) {
  if (equals !== undefined) return guarded(direction, name, `== ${celText(equals)}`);
  if (pattern !== undefined) return matching(direction, name, `^(?:${pattern})$`);
  return present === false ? `!${presence(direction, name)}` : presence(direction, name);
}

function matching(direction: Direction, name: string, pattern: string): string {
  return guarded(direction, name, `.matches(${celText(pattern)})`);
}

function guarded(direction: Direction, name: string, test: string): string {
  const value = headerExpression(direction, name);
  const tested = test.startsWith(".") ? value + test : `${value} ${test}`;
  return `(${presence(direction, name)} && ${tested})`;
}

/**
 * When a response comes, Envoy may have put another path into the request; what the client asked for
 * was kept in metadata, unless the request was answered before.
 */
function pathTerm(path: PathCondition, direction: Direction): string {
  if (direction === "request") return pathTest(path, "request.url_path");
  const all = "metadata.filter_metadata";
  const namespace = celText(metadataNamespace);
  const kept = `${all}[${namespace}]`;
  const key = celText(pathKey);
  return `((${namespace} in ${all} && ${key} in ${kept}) ? ` +
    `${pathTest(path, `${kept}[${key}]`)} : ${pathTest(path, "request.url_path")})`;
}

function pathTest({ exact, prefix, pattern }: PathCondition, value: string): string {
  if (exact !== undefined) return `${value} == ${celText(exact)}`;
  if (prefix === undefined) return `${value}.matches(${celText(`^(?:${pattern ?? ""})$`)})`;
  const segments = prefix.replace(/\/+$/, "");
  const below = `${value}.startsWith(${celText(`${segments}/`)})`;
  return segments === "" ? below : `(${value} == ${celText(segments)} || ${below})`;
}

function statusTerm(status: readonly string[]): string {
  const value = headerExpression("response", ":status");
  const one = (text: string) =>
    text.endsWith("xx")
      ? `${value}.startsWith(${celText(text.slice(0, 1))})`
      : `${value} == ${celText(text)}`;
  return `(${presence("response", ":status")} && (${status.map(one).join(" || ")}))`;
}

function contentTypeTerm(types: readonly string[]): string {
  const value = headerExpression("response", "content-type");
  const one = (type: string) => `${value}.matches(${celText(contentTypePattern(type))})`;
  return `(${presence("response", "content-type")} && (${types.map(one).join(" || ")}))`;
}
