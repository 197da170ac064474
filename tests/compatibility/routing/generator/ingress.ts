/** Ingresses in which each path of a host stands once. */
import type { Random } from "../../../support/world/random.ts";

/** An Ingress of `default` for hosts of its own. */
export function ingress(random: Random, name: string, hosts: readonly string[]): object {
  const secure = hosts.filter((host) => host.endsWith(".secure.test"));
  const ruled = hosts.map((host) => ({ host, http: { paths: pathsOf(random) } }));
  const paths = ruled.flatMap(({ http }) => http.paths.map(({ path }) => path));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { namespace: "default", name, annotations: annotations(random, paths) },
    spec: {
      rules: ruled,
      ...(secure.length > 0
        ? { tls: [{ hosts: secure, secretName: random.of(["certificate", "second"]) }] }
        : {}),
    },
  };
}

function pathsOf(random: Random) {
  const all = [
    ...["/", "/a", "/a/", "/a/b", "/b/", "/c/d"].map((path) => ({ path, pathType: "Prefix" })),
    ...["/", "/a", "/b/", "/c/d"].map((path) => ({ path, pathType: "Exact" })),
    ...["/x", "/[ab]", "/b.*", "/c/d", "/x/(1|2)"].map((path) => ({
      path,
      pathType: "ImplementationSpecific",
    })),
  ];
  const chosen = all.filter(() => random.chance(0.25));
  return (chosen.length > 0 ? chosen : all.slice(0, 1)).map((path) => ({
    ...path,
    backend: backend(random),
  }));
}

function backend(random: Random): object {
  const [name, port] = random.of<readonly [string, object]>([
    ...["a", "b", "c", "empty", "limited", "app-h2c"].map((name) =>
      [name, { number: 80 }] as const
    ),
    ["ported", { name: "http" }],
    ["ported", { name: "other" }],
    ["ported", { number: 81 }],
    ["noted-h2", { name: "secure" }],
  ]);
  return { service: { name, port } };
}

function annotations(random: Random, paths: readonly string[]): Readonly<Record<string, string>> {
  const values: Readonly<Record<string, readonly string[]>> = {
    "ingress.kubernetes.io/force-ssl-redirect": ["true", "false"],
    "kubernetes.io/ingress.allow-http": ["true", "false"],
    "projectcontour.io/num-retries": ["3", "0", "-1"],
    "projectcontour.io/per-try-timeout": ["1s", "infinity"],
    "projectcontour.io/response-timeout": ["5s", "infinity", "700ms"],
    "projectcontour.io/retry-on": ["5xx", "gateway-error,reset"],
    "projectcontour.io/tls-maximum-protocol-version": ["1.2", "1.3"],
    "projectcontour.io/tls-minimum-protocol-version": ["1.2", "1.3"],
    "projectcontour.io/websocket-routes": [paths[0] ?? "/", `${paths.at(-1)}, /none`],
  };
  const chosen = Object.entries(values).filter(([name]) =>
    random.chance(name.includes("tls") ? 0.07 : 0.15)
  );
  return Object.fromEntries(chosen.map(([name, each]) => [name, random.of(each)]));
}
