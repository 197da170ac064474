import type { Settings } from "../store/mod.ts";
import { Fault } from "./fault.ts";
import { authorizationTimeout } from "./policy/authorization.ts";
import { defaultHeadersProblem } from "./policy/target_headers.ts";
import { rateLimits } from "./policy/rate_limit.ts";

/**
 * What is wrong with settings that every host would suffer from, a sentence each: a configuration
 * that comes to such settings is to be refused.
 */
export function settingsProblems(settings: Settings): readonly string[] {
  const { globalAuthorization, rateLimitService, defaultHeaders } = settings;
  const problems: string[] = [];
  const { namespace, name } = globalAuthorization?.extensionRef ?? {};
  if (globalAuthorization !== undefined && !(namespace && name)) {
    problems.push("globalExtAuth must name an ExtensionService by its namespace and name");
  }
  const timeout = globalAuthorization && authorizationTimeout(globalAuthorization);
  if (typeof timeout === "string") {
    problems.push(`globalExtAuth.responseTimeout is not valid: ${timeout}`);
  }
  const { serviceType, authPolicy } = globalAuthorization ?? {};
  if (serviceType === "http" && Object.keys(authPolicy?.context ?? {}).length > 0) {
    problems.push("globalExtAuth.authPolicy.context reaches servers of serviceType grpc only");
  }
  const limits = rateLimitService?.defaultPolicy === undefined ? undefined : rateLimits(
    { global: rateLimitService.defaultPolicy },
    "VirtualHostError/RateLimitPolicyNotValid",
  );
  if (limits instanceof Fault) {
    problems.push(`rateLimitService.defaultGlobalRateLimitPolicy is not valid: ${limits.message}`);
  }
  const headers = defaultHeadersProblem(defaultHeaders);
  if (headers !== undefined) problems.push(`policy is not valid: ${headers}`);
  return problems;
}
