import { readManifest } from "../../controller/api/mod.ts";
import { defaultEnvoyOptions, type LayoutKind, type Resource } from "../../controller/envoy/mod.ts";
import { defaultSettings } from "../../controller/store/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import { certificateSecret } from "./certificates.ts";

/** The resources of the plainest hosts, of each sort: what they have, every case would repeat. */
export function usualResources(layout: LayoutKind): Promise<readonly Resource[]> {
  const known = byLayout.get(layout) ?? translate(`${plain}\n---\n${others}`, layout);
  byLayout.set(layout, known);
  return known;
}

/** The resources of a plain host, in the layout that is nothing special. */
export function plainResources(): Promise<readonly Resource[]> {
  return translate(plain, "flat");
}

const byLayout = new Map<LayoutKind, Promise<readonly Resource[]>>();

async function translate(manifest: string, layout: LayoutKind): Promise<readonly Resource[]> {
  const { objects } = readManifest(manifest, { file: "usual.yaml" });
  const secret = await certificateSecret({
    namespace: "default",
    name: "certificate",
    host: "example.com",
    form: "valid",
  });
  const translation = new Translation({
    settings: defaultSettings,
    envoy: defaultEnvoyOptions,
    layout,
  });
  translation.apply({ applied: [...objects.map(({ object }) => object), secret] });
  translation.settleNow();
  return [...translation.resources()];
}

const plain = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: plain }
spec:
  virtualhost: { fqdn: plain.example.com }
  routes:
  - services: [{ name: service, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: service }
spec:
  ports: [{ port: 80 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: service, labels: { kubernetes.io/service-name: service } }
addressType: IPv4
ports: [{ port: 8080 }]
endpoints: [{ addresses: [10.0.0.1] }]
`;

const others = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: secure }
spec:
  virtualhost: { fqdn: secure.example.com, tls: { secretName: certificate } }
  routes:
  - services: [{ name: service, port: 80, protocol: tls }]
    healthCheckPolicy: { path: / }
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: tcp }
spec:
  virtualhost: { fqdn: tcp.example.com, tls: { secretName: certificate } }
  tcpproxy:
    services: [{ name: service, port: 80 }]
`;
