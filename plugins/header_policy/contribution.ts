import { corsSetting, noCors } from "./envoy/cors.ts";
import { dropSetting, filterNames } from "./envoy/filters.ts";
import type { Message } from "./envoy/message.ts";
import { mutationSetting, readingSetting } from "./envoy/mutations.ts";
import type { Conflict } from "./program/conflicts.ts";
import type { CorsSettings } from "./program/cors.ts";
import { type Layer, merge } from "./program/merge.ts";
import type { Program } from "./program/program.ts";

/** What policies come to for a host or route, as the core takes it. */
export interface Contribution {
  /** What the filters of the plugin are told, by name. */
  readonly filters: Readonly<Record<string, Message>>;
  readonly roles: { readonly cors?: Message };
  readonly diagnostics: readonly Conflict[];
}

/**
 * What the policies add, the nearest first. At a route everything is said again that the host says,
 * since the settings of a route stand in place of those of its host.
 */
export function contribution(policies: readonly Layer[], of: "host" | "route"): Contribution {
  const { request, response, cors, conflicts } = merge(policies);
  const { responseDrop, responseRead, requestRead, requestDrop } = filterNames;
  return {
    filters: {
      ...settings("request", request, of, requestRead, requestDrop),
      ...settings("response", response, of, responseRead, responseDrop),
    },
    roles: corsRole(policies, cors, of),
    diagnostics: conflicts,
  };
}

/** A route that has none is kept from that of its host, where policies gave it one. */
function corsRole(
  policies: readonly Layer[],
  cors: CorsSettings | undefined,
  of: "host" | "route",
): Contribution["roles"] {
  if (cors !== undefined) return { cors: corsSetting(cors, of) };
  const isHidden = of === "route" && policies.some(({ settings }) => settings.cors !== undefined);
  return isHidden ? { cors: noCors } : {};
}

function settings(
  direction: "request" | "response",
  program: Program,
  of: "host" | "route",
  read: string,
  drop: string,
): Readonly<Record<string, Message>> {
  const { mutations, drops } = program;
  const reading = readingSetting(direction, program);
  const isTold = mutations.length > 0 || of === "route";
  return {
    ...(isTold ? { [filterNames[direction]]: mutationSetting(direction, mutations) } : {}),
    ...(reading === undefined ? {} : { [read]: reading }),
    ...(drops || of === "route" ? { [drop]: dropSetting(drops) } : {}),
  };
}
