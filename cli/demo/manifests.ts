import { dump } from "js-yaml";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";
import type { Backend } from "./backends.ts";

/** The EndpointSlices of the example's Services: where the backends really listen. */
export function backendManifests(backends: readonly Backend[]): string {
  return backends.map(({ name, address, port }) =>
    dump({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        namespace: namespaces[name] ?? "default",
        name: `${name}-1`,
        labels: { "kubernetes.io/service-name": name },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: [address] }],
      ports: [{ port }],
    })
  ).join("---\n");
}

/** The Secret that the example delegates. */
export function certificateManifest({ certificate, privateKey }: IssuedCertificate): string {
  return dump({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "platform", name: "pay-certificate" },
    type: "kubernetes.io/tls",
    data: { "tls.crt": btoa(certificate), "tls.key": btoa(privateKey) },
  });
}

/** Where the example has its Services. */
const namespaces: Readonly<Record<string, string>> = {
  "welcome": "platform",
  "catalog-v1": "team-catalog",
  "catalog-v2": "team-catalog",
  "checkout": "team-checkout",
};
