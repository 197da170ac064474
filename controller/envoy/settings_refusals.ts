import {
  Fault,
  type GlobalServices,
  globalServices,
  settingsProblems,
  targetHeaders,
} from "../graph/mod.ts";
import type { Violation } from "../../proto/mod.ts";
import { coldDb } from "../query/mod.ts";
import { type Settings, settingsInput } from "../store/mod.ts";
import { globalServiceViolations } from "./global_services.ts";
import { headerMutations } from "./header_mutation.ts";
import { envoyViolations } from "./message_rules.ts";

/**
 * Why a configuration that comes to these settings is to be refused, a sentence each: every host
 * would suffer from it, or Envoy would refuse every listener.
 */
export function settingsRefusals(settings: Settings): readonly string[] {
  const facts = new Map([[settingsInput.name, new Map([["settings", settings]])]]);
  const { authorization, rateLimits, tracing } = globalServices(coldDb(facts), "all");
  const parts: readonly (readonly [key: string, services: GlobalServices])[] = [
    ["globalExtAuth", authorization === undefined ? {} : { authorization }],
    ["rateLimitService", rateLimits === undefined ? {} : { rateLimits }],
    ["tracing", tracing === undefined ? {} : { tracing }],
  ];
  return [
    ...settingsProblems(settings),
    ...parts.flatMap(([key, services]) => refusals(key, globalServiceViolations(services))),
    ...refusals("policy", headerViolations(settings)),
  ];
}

function refusals(key: string, violations: readonly Violation[]): readonly string[] {
  return violations.map(({ path, message }) =>
    `Envoy would refuse what ${key} says: ${path.split(".").at(-1)} ${message}`
  );
}

function headerViolations({ defaultHeaders }: Settings): readonly Violation[] {
  const target = { namespace: "default", service: "service", port: 80 };
  const headers = targetHeaders(target, {}, defaultHeaders);
  if (headers instanceof Fault) return [];
  return envoyViolations("envoy.config.route.v3.WeightedCluster.ClusterWeight", {
    name: "service",
    weight: { value: 1 },
    ...headerMutations(headers.request, headers.response),
    ...(headers.host === undefined ? {} : { hostRewriteLiteral: headers.host }),
  });
}
