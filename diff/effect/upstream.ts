import { goDurationText, type Timeout } from "../../controller/api/mod.ts";
import { cluster, type ClusterSpec } from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry, nothingElse } from "./aspect.ts";
import { digest } from "./digest.ts";
import type { Aspect, TreatmentName } from "./effect.ts";

/** A Service port that gets a share of the requests. */
export interface WeightedTarget {
  readonly cluster: ClusterSpec;
  readonly weight: number;
}

/** `web/shop:80`, or with shares: `web/shop-v2:80 90%, web/shop:80 10%`. */
export function targetsText(targets: readonly WeightedTarget[]): string {
  const shares = new Map<string, number>();
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  for (const { cluster, weight } of targets) {
    const name = targetName(cluster);
    shares.set(name, (shares.get(name) ?? 0) + (total === 0 ? 1 / targets.length : weight / total));
  }
  const used = [...shares].filter(([, share]) => share > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return used.map(([name, share]) => used.length === 1 ? name : `${name} ${percentText(share)}`)
    .join(", ");
}

/** `web/shop:80` */
export function targetName({ namespace, service, port }: ClusterSpec): string {
  return `${namespace}/${service}:${port}`;
}

function percentText(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

/** How the Services are spoken to, and what Envoy does to find and spare them. */
export function upstreamAspects(
  db: Db,
  targets: readonly WeightedTarget[],
): readonly AspectEntry[] {
  return perTarget(targets, ({ cluster }) => ofCluster(db, cluster));
}

/**
 * The aspects of several targets as one of each name: told once where they are the same for all, so
 * that another target with the same is no change of them; else with the share of each.
 */
export function perTarget<Target extends WeightedTarget>(
  targets: readonly Target[],
  aspectsOf: (target: Target) => readonly AspectEntry[],
): readonly AspectEntry[] {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  const used = targets.filter(({ weight }) => total === 0 || weight > 0).map((target) => ({
    name: targetName(target.cluster),
    share: total === 0 ? 1 / targets.length : target.weight / total,
    aspects: new Map(aspectsOf(target)),
  }));
  const names = new Set(used.flatMap(({ aspects }) => [...aspects.keys()]));
  return [...names].flatMap((name: TreatmentName): AspectEntry[] => {
    const shares = new Map<string, { name: string; share: number; aspect: Aspect }>();
    for (const { name: target, share, aspects } of used) {
      const aspect = aspects.get(name) ?? { value: "", text: "none" };
      const key = JSON.stringify([target, aspect.value]);
      const before = shares.get(key)?.share ?? 0;
      shares.set(key, { name: target, share: before + share, aspect });
    }
    const all = [...shares.values()];
    const [first] = all;
    if (first === undefined) return [];
    if (all.every(({ aspect }) => aspect.value === first.aspect.value)) {
      return [[name, first.aspect]];
    }
    const value = JSON.stringify(
      [...shares].map(([key, { share }]) => [key, percentText(share)]).sort(),
    );
    const text = all.map(({ name, share, aspect }) =>
      `${name} ${percentText(share)}: ${aspect.text}`
    ).join(", ");
    return [[name, { value, text }]];
  });
}

function ofCluster(db: Db, spec: ClusterSpec): readonly AspectEntry[] {
  const {
    name: _name,
    namespace: _namespace,
    service: _service,
    port: _port,
    portName,
    protocol,
    sni,
    loadBalancing,
    validation,
    healthCheck,
    healthPort,
    idleConnectionTimeout,
    slowStart,
    ...rest
  } = spec;
  nothingElse(rest);
  const found = cluster(db, spec);
  const address = found?.discovery.kind === "dns" ? found.discovery.address : undefined;
  const { caSecret, subjectNames } = validation ?? {};
  const client = found?.clientCertificate;
  const tls = [
    // The model has a name for others too, who never say it.
    ...(sni === "" || protocol === "http/1.1" || protocol === "h2c" ? [] : [`server name ${sni}`]),
    ...(caSecret === undefined ? [] : [
      `checked by ${caSecret.namespace}/${caSecret.name} (sha256:${
        digest(found?.caBundle ?? "")
      }) for ${subjectNames?.join(", ")}`,
    ]),
    ...(client === undefined ? [] : [`shows ${client.namespace}/${client.name}`]),
  ].join(", ");
  const breakers = Object.entries(found?.circuitBreakers ?? {}).sort()
    .map(([name, limit]) => `${name} ${limit}`).join(", ");
  const connections = [
    ...(address === undefined ? [] : [`found by DNS as ${address}`]),
    ...(portName === "" ? [] : [`port ${portName}`]),
    ...(found === undefined ? [] : [`made within ${goDurationText(found.connectTimeoutMs)}`]),
    ...(idleConnectionTimeout.kind === "default"
      ? []
      : [`idle for ${timeoutText(idleConnectionTimeout, "")}`]),
  ].join(", ");
  return [
    aspect("protocol", protocol),
    ...(tls === "" ? [] : [aspect("TLS to the Service", tls)]),
    aspect(
      "load balancing",
      [loadBalancing, slowStart],
      slowStart === undefined
        ? loadBalancing
        : `${loadBalancing}, slow start of ${goDurationText(slowStart.windowMs)}`,
    ),
    ...(healthCheck === undefined ? [] : [
      aspect(
        "health check",
        [healthCheck, healthPort],
        `${healthCheck.kind === "http" ? `GET ${healthCheck.path}` : "a connection"} every ${
          goDurationText(healthCheck.intervalMs)
        }`,
      ),
    ]),
    ...(breakers === "" ? [] : [aspect("circuit breakers", breakers)]),
    ...(connections === "" ? [] : [aspect("connections to the Service", connections)]),
  ];
}

/** `15s`, `none`, or what holds by default. */
export function timeoutText(timeout: Timeout, standard: string): string {
  switch (timeout.kind) {
    case "default":
      return standard;
    case "disabled":
      return "none";
    case "explicit":
      return goDurationText(timeout.ms);
  }
}
