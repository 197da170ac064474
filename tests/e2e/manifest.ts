/** Objects as YAML, with as little around what a case is about as possible. */
import type { IssuedCertificate } from "../../controller/certs/mod.ts";

/** Documents in one text. */
export function documents(...texts: readonly string[]): string {
  return texts.join("\n---\n");
}

/**
 * A root HTTPProxy that bears the name of its host. `spec` is the rest of its spec, indented as one
 * likes; `tls` is what stands under `virtualhost.tls`.
 */
export function root(
  fqdn: string,
  spec: string,
  { namespace = "default", tls }: { readonly namespace?: string; readonly tls?: string } = {},
): string {
  const virtualhost = tls === undefined
    ? `{ fqdn: "${fqdn}" }`
    : `{ fqdn: "${fqdn}", tls: ${tls} }`;
  return proxy(fqdn.replace("*", "wildcard"), `virtualhost: ${virtualhost}\n${dedented(spec)}`, {
    namespace,
  });
}

/** An HTTPProxy of this name. */
export function proxy(
  name: string,
  spec: string,
  { namespace = "default" }: { readonly namespace?: string } = {},
): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: "${name}", namespace: "${namespace}" }
spec:
${indented(spec)}`;
}

/** An Ingress of this name. */
export function ingress(
  name: string,
  rules: readonly object[],
  { namespace = "default", annotations = {}, creationTimestamp, ...spec }: {
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly tls?: readonly object[];
    readonly defaultBackend?: object;
    readonly ingressClassName?: string;
  } = {},
): string {
  const created = creationTimestamp === undefined ? {} : { creationTimestamp };
  return JSON.stringify({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace, annotations, ...created },
    spec: { rules, ...spec },
  });
}

/** A rule; of each path type and text in one word, its Service, and the port unless it is 80. */
export function ingressRule(
  host: string | undefined,
  ...paths: readonly (readonly [
    path: `${"Prefix" | "Exact" | "ImplementationSpecific"} ${string}`,
    service: string,
    port?: { readonly number: number } | { readonly name: string },
  ])[]
): object {
  return {
    ...(host === undefined ? {} : { host }),
    http: {
      paths: paths.map(([typeAndPath, name, port = { number: 80 }]) => {
        const [pathType, path] = typeAndPath.split(" ");
        return { path, pathType, backend: { service: { name, port } } };
      }),
    },
  };
}

/** A Service whose port 80 leads to ports of this machine, and the EndpointSlice that says so. */
export function service(
  name: string,
  backends: readonly { readonly port: number }[],
  { namespace = "default", annotations = {}, appProtocol }: {
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly appProtocol?: string;
  } = {},
): string {
  const port = { port: 80, ...(appProtocol === undefined ? {} : { appProtocol }) };
  return documents(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, annotations },
      spec: { ports: [port] },
    }),
    endpoints(name, backends, { namespace }),
  );
}

/** A Service with named ports, 80 and on, that lead to a backend each, all at one address. */
export function ported(
  name: string,
  ports: Readonly<Record<string, { readonly port: number }>>,
): string {
  const list = Object.entries(ports);
  return documents(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { ports: list.map(([name], i) => ({ name, port: 80 + i })) },
    }),
    JSON.stringify({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["127.0.0.1"] }],
      ports: list.map(([name, { port }]) => ({ name, port })),
    }),
  );
}

/** The EndpointSlices of a Service: one for each backend, as they differ by port. */
export function endpoints(
  name: string,
  backends: readonly { readonly port: number }[],
  { namespace = "default" }: { readonly namespace?: string } = {},
): string {
  return documents(...backends.map(({ port }, i) =>
    JSON.stringify({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-${i}`,
        namespace,
        labels: { "kubernetes.io/service-name": name },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: ["127.0.0.1"] }],
      ports: [{ port }],
    })
  ));
}

/** An ExtensionService of this name. */
export function extensionService(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  { namespace = "default" }: { readonly namespace?: string } = {},
): string {
  return JSON.stringify({
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { name, namespace },
    spec,
  });
}

/** A Secret with a certificate to serve. */
export function tlsSecret(
  name: string,
  { certificate, privateKey }: IssuedCertificate,
  { namespace = "default" }: { readonly namespace?: string } = {},
): string {
  return secret(name, namespace, { "tls.crt": certificate, "tls.key": privateKey });
}

/** A Secret with certificates to trust. */
export function caSecret(name: string, certificate: string): string {
  return secret(name, "default", { "ca.crt": certificate });
}

function secret(name: string, namespace: string, stringData: Record<string, string>): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "Opaque",
    stringData,
  });
}

function indented(text: string): string {
  return dedented(text).split("\n").map((line) => line === "" ? "" : `  ${line}`).join("\n");
}

function dedented(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const margin = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin)).join("\n");
}
