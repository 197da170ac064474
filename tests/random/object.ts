import {
  ExtensionService,
  HTTPProxy,
  Ingress,
  type KubeObject,
  parseObject,
} from "../../controller/api/mod.ts";
import type { Random } from "../support/world/random.ts";
import { hints, names } from "./hints.ts";
import { type Fields, schemaTree, valueOf } from "./schema_values.ts";

const trees = {
  HTTPProxy: schemaTree(HTTPProxy),
  Ingress: schemaTree(Ingress),
  ExtensionService: schemaTree(ExtensionService),
};

const apiVersions = {
  HTTPProxy: "projectcontour.io/v1",
  Ingress: "networking.k8s.io/v1",
  ExtensionService: "projectcontour.io/v1alpha1",
} as const;

/** An HTTPProxy with any of its fields; a root where it bears the name of one. */
export function randomProxy(random: Random, namespace: string, name: string): KubeObject {
  return made(random, "HTTPProxy", namespace, name, (spec) => {
    const { virtualhost, tcpproxy, ...rest } = spec;
    const isRoot = name.startsWith("r");
    const tls = Object(virtualhost).tls;
    return {
      ...rest,
      ...(isRoot
        ? { virtualhost: { ...Object(virtualhost), fqdn: fqdnOf(random, namespace, name) } }
        : {}),
      ...(tcpproxy !== undefined && (!isRoot || tls !== undefined) ? { tcpproxy } : {}),
    };
  });
}

function fqdnOf(random: Random, namespace: string, name: string): string {
  if (random.chance(0.05)) return "shared.test";
  return random.chance(0.1) ? `*.${name}.${namespace}.test` : `${name}.${namespace}.test`;
}

/** An Ingress with any of its fields, and some of the annotations that have an effect. */
export function randomIngress(random: Random, namespace: string, name: string): KubeObject {
  return made(random, "Ingress", namespace, name, (spec) => spec, {
    annotations: Object.fromEntries(
      Object.entries(annotations).filter(() => random.chance(0.15))
        .map(([name, values]) => [name, random.of(values)]),
    ),
    creationTimestamp: `202${random.below(9)}-01-01T00:00:00Z`,
  });
}

const annotations: Readonly<Record<string, readonly string[]>> = {
  "ingress.kubernetes.io/force-ssl-redirect": ["true", "false"],
  "kubernetes.io/ingress.allow-http": ["true", "false"],
  "kubernetes.io/ingress.class": ["contour", "contour", "other"],
  "projectcontour.io/num-retries": ["3", "-1", "0"],
  "projectcontour.io/per-try-timeout": ["1s", "infinity"],
  "projectcontour.io/response-timeout": ["5s", "infinity", "0s"],
  "projectcontour.io/retry-on": ["5xx", "gateway-error,reset", "retriable-status-codes"],
  "projectcontour.io/tls-cert-namespace": names.namespaces,
  "projectcontour.io/tls-minimum-protocol-version": ["1.2", "1.3"],
  "projectcontour.io/tls-maximum-protocol-version": ["1.2", "1.3"],
  "projectcontour.io/websocket-routes": ["/a", "/, /a"],
};

/** An ExtensionService with any of its fields, for a server that speaks gRPC or HTTP. */
export function randomExtension(
  random: Random,
  namespace: string,
  kind: keyof typeof names.extensions,
): KubeObject {
  return made(random, "ExtensionService", namespace, names.extensions[kind], (spec) => {
    const { validation, ...rest } = spec;
    const protocol = kind === "http" ? "http/1.1" : random.of(["h2", "h2c"]);
    return { ...rest, protocol, ...(protocol === "h2" && validation ? { validation } : {}) };
  });
}

function made(
  random: Random,
  kind: keyof typeof trees,
  namespace: string,
  name: string,
  mend: (spec: Fields) => Fields,
  metadata: Fields = {},
): KubeObject {
  const spec = Object(valueOf(trees[kind].properties?.["spec"] ?? {}, "spec", random, hints));
  const value = {
    apiVersion: apiVersions[kind],
    kind,
    metadata: { namespace, name, ...metadata },
    spec: mend(spec),
  };
  const result = parseObject(structuredClone(value), { strict: true });
  if (result.kind === "object") return result.object;
  throw new Error(`Not by the schema: ${JSON.stringify({ value, result }, null, 2)}`);
}
