import { keyId } from "../../controller/api/mod.ts";
import type { Explanation } from "../explanation.ts";
import type { EnvoyAnswer, EnvoyCluster, EnvoyOutcome } from "./answer.ts";

/** Where an Envoy does otherwise than the objects say; empty when it does the same. */
export function compareAnswers(envoy: EnvoyAnswer, files: Explanation): readonly Disagreement[] {
  const found: Disagreement[] = [];
  const tell = (about: Disagreement["about"], ofEnvoy: string, ofFiles: string) => {
    if (ofEnvoy !== ofFiles) found.push({ about, envoy: ofEnvoy, files: ofFiles });
  };
  tell("outcome", envoyText(envoy.outcome), explanationText(files));
  tell("route", routeText(envoy, files), ruleText(files));
  if (envoy.outcome.kind === "forward" && files.outcome.kind === "forward") {
    const { path, host, timeout } = envoy.outcome;
    const forwarding = files.treatment?.forwarding;
    tell("path", path, forwarding?.path?.to ?? files.request.path);
    tell("host", host, hostOf(files));
    tell("timeout", timeoutOf(timeout), wantedTimeout(files));
  }
  if (envoy.outcome.kind !== "forward") return found;
  for (const { name, isThere } of envoy.outcome.clusters) {
    if (!isThere) found.push({ about: "cluster", envoy: `${name} is missing`, files: "is there" });
  }
  return found;
}

/** One thing that an Envoy does otherwise. */
export interface Disagreement {
  readonly about: "outcome" | "route" | "path" | "host" | "timeout" | "cluster";
  readonly envoy: string;
  readonly files: string;
}

/** The Service port that a cluster is for: `web/shop:80`; its own name when it tells none. */
export function clusterTarget({ name }: Pick<EnvoyCluster, "name">): string {
  const [, namespace, service, port] = /^([^/]+)\/([^/]+)\/([^/]+)(?:\/[0-9a-f]+)?$/.exec(name) ??
    [];
  return namespace === undefined ? name : `${namespace}/${service}:${port}`;
}

function envoyText(outcome: EnvoyOutcome): string {
  switch (outcome.kind) {
    case "forward":
    case "tcp-proxy":
      return sharesText(outcome.clusters.map((cluster) => ({
        name: clusterTarget(cluster),
        percent: cluster.percent,
      })));
    case "redirect":
      return `${outcome.statusCode} to ${outcome.location}`;
    case "direct-response":
      return `${outcome.statusCode} from Envoy itself`;
    case "none":
      return outcome.why === "no-listener" || outcome.why === "no-filter-chain" ? closed : nobody;
  }
}

function explanationText({ outcome, request }: Explanation): string {
  switch (outcome.kind) {
    case "forward":
    case "tcp-proxy":
      return sharesText(outcome.targets.map(({ namespace, service, port, percent }) => ({
        name: `${namespace}/${service}:${port}`,
        percent,
      })));
    case "redirect":
      return `${outcome.statusCode} to ${outcome.location}`;
    case "direct-response":
      return `${outcome.statusCode} from Envoy itself`;
    case "none":
      return outcome.why === "no-tls" || (outcome.why === "unknown-host" && request.tls)
        ? closed
        : nobody;
  }
}

const closed = "the connection is closed";
const nobody = "404: no route takes it";

function sharesText(shares: readonly { readonly name: string; readonly percent: number }[]) {
  const sorted = [...shares].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return sorted.length === 1
    ? sorted[0]?.name ?? ""
    : sorted.map(({ name, percent }) => `${name} ${percent}%`).join(", ");
}

function ruleText({ rule }: Explanation): string {
  return rule === undefined ? "none" : `${keyId(rule.object)}#${rule.path}`;
}

/** Of routes without names only the object can be compared. */
function routeText({ route }: EnvoyAnswer, files: Explanation): string {
  if (route === undefined) return "none";
  if (route.name !== "") return route.name;
  const { rule } = files;
  const isSame = rule !== undefined && route.object === keyId(rule.object);
  return isSame || route.object === undefined ? ruleText(files) : route.object;
}

function hostOf({ treatment, request }: Explanation): string {
  const host = treatment?.forwarding?.host;
  if (host === undefined) return request.authority;
  return host.kind === "literal"
    ? host.host
    : request.headers[host.name.toLowerCase()] ?? request.authority;
}

function timeoutOf(text: string): string {
  const seconds = Number(text.replace(/s$/, ""));
  return seconds === 0 ? "none" : `${seconds}s`;
}

function wantedTimeout({ treatment }: Explanation): string {
  const timeout = treatment?.forwarding?.timeout;
  switch (timeout?.kind) {
    case undefined:
    case "default":
      return "15s";
    case "disabled":
      return "none";
    case "explicit":
      return `${timeout.ms / 1_000}s`;
  }
}
