import { type Diagnostic, keyId } from "../api/mod.ts";
import { diagnose, Fault, type Origin } from "../graph/mod.ts";
import type { Addition } from "../plugin/mod.ts";
import {
  check,
  encode,
  EncodeError,
  isMessage,
  type Message,
  type Violation,
} from "../../proto/mod.ts";
import { filterNames } from "./names.ts";

/** A VirtualHost or Route with what policies add to it, and what of that had to be left out. */
export interface Enriched {
  readonly message: Message;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether a policy that keeps requests out was left out, so that nobody may be let in. */
  readonly closed: boolean;
}

/**
 * Adds what policies say to a message that Envoy takes. Each addition is tried by itself: one that
 * breaks a rule of Envoy is left out and told to the policy, and to the host or route that it reaches,
 * which stand at `origin`; the others stay.
 */
export function enriched(
  type: string,
  base: Message,
  { additions, origin }: { readonly additions: readonly Addition[]; readonly origin: Origin },
  further: (message: Message) => readonly Violation[] = () => [],
): Enriched {
  let message = base;
  let closed = false;
  const diagnostics: Diagnostic[] = [];
  for (const addition of additions) {
    const next = withAddition(message, addition);
    const violations = typeof next === "string"
      ? [{ path: "", rule: "addition", message: next }]
      : [...violationsOf(type, next), ...further(next)];
    if (typeof next !== "string" && violations.length === 0) message = next;
    else {
      diagnostics.push(...refusal(addition, violations, origin));
      closed = closed || addition.failure === "closed";
    }
  }
  return { message, diagnostics, closed };
}

function violationsOf(type: string, message: Message): readonly Violation[] {
  try {
    encode(type, message);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return [{ path: "", rule: "encode", message: error.message }];
  }
  return check(type, message);
}

function refusal(
  { kind, origins, failure }: Addition,
  violations: readonly Violation[],
  reached: Origin,
): readonly Diagnostic[] {
  const [nearest] = origins;
  if (nearest === undefined) return [];
  const reasons = violations.map(({ path, message }) =>
    path === "" ? message : `${path} ${message}`
  );
  const instead = failure === "closed" ? "requests are answered with 503" : "it is left out here";
  const told = diagnose(
    nearest.path === "spec" ? { ...nearest, path: "" } : nearest,
    new Fault(
      "PolicyRefused",
      `Envoy would refuse what ${kind} adds, so ${instead}: ${[...new Set(reasons)].join("; ")}`,
    ),
  );
  const { object } = nearest;
  if (keyId(object) === keyId(reached.object)) return [told];
  const name = object.namespace === "" ? object.name : `${object.namespace}/${object.name}`;
  const message = `Envoy would refuse what ${kind} "${name}" adds, so ${instead}`;
  // The host itself is right.
  const severity = failure === "closed" ? "error" : "warning";
  return [told, { ...diagnose(reached, new Fault("PolicyRefused", message)), severity }];
}

/** The message with the addition, or why that may not be. */
function withAddition(
  base: Message,
  { filters, roles, message }: Addition,
): Message | string {
  const fixed = Object.keys(message).find((field) => reserved.has(field));
  if (fixed !== undefined) return `"${fixed}" is not for plugins to change`;
  const { route, ...others } = message;
  // Only a route that forwards has something under `route`.
  const added = isMessage(route) && isMessage(base["route"]) ? { ...others, route } : others;
  const target = isMessage(added["route"]) ? added["route"] : {};
  const changed = Object.keys(target).find((field) => reservedActions.has(field));
  if (changed !== undefined) return `"route.${changed}" is not for plugins to change`;
  const known = base["typedPerFilterConfig"];
  const settings: Message = {
    ...roleSettings(roles),
    ...(isMessage(known) ? known : {}),
    ...filters,
  };
  const merged = merge(base, added);
  return Object.keys(settings).length === 0
    ? merged
    : { ...merged, typedPerFilterConfig: settings };
}

/** What finds hosts and routes, and where requests go, stays as their objects have it. */
const reserved = new Set([
  "name",
  "domains",
  "routes",
  "match",
  "matcher",
  "metadata",
  "requireTls",
  "virtualClusters",
  "typedPerFilterConfig",
  "redirect",
  "directResponse",
  "filterAction",
  "nonForwardingAction",
]);

const reservedActions = new Set([
  "cluster",
  "clusterHeader",
  "weightedClusters",
  "clusterSpecifierPlugin",
  "inlineClusterSpecifierPlugin",
]);

function roleSettings(roles: Readonly<Record<string, Message>>): Message {
  const names: Readonly<Record<string, string>> = {
    "compression": filterNames.compressor,
    "cors": filterNames.cors,
    "local-rate-limit": filterNames.localRateLimit,
  };
  return Object.fromEntries(
    Object.entries(roles).flatMap(([role, message]) => {
      const name = names[role];
      return name === undefined ? [] : [[name, message]];
    }),
  );
}

/** Lists one after the other, messages field by field, anything else replaced. */
function merge(base: Message, added: Message): Message {
  const merged: Record<string, unknown> = { ...base };
  for (const [field, value] of Object.entries(added)) {
    const known = merged[field];
    if (Array.isArray(known) && Array.isArray(value)) merged[field] = [...known, ...value];
    else if (isMessage(known) && isMessage(value)) merged[field] = merge(known, value);
    else merged[field] = value;
  }
  return merged;
}
