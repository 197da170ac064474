/** Small manifests whose lines can be counted. */
import type { IssuedCertificate } from "../../controller/certs/mod.ts";

/** An HTTPProxy; its `spec` begins in line 6. */
export function httpProxy(name: string, spec: string): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata:
  name: ${name}
spec:
${spec}`;
}

/** A root for `<name>.localhost` that answers with a body, without any backend: 12 lines. */
export function answering(name: string, body: string): string {
  return httpProxy(
    name,
    `  virtualhost:
    fqdn: ${name}.localhost
  routes:
    - timeoutPolicy: {response: 5s}
      directResponsePolicy:
        statusCode: 200
        body: "${body}"
`,
  );
}

/** A Service with port 80. */
export function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{port: 80}]}
`;
}

/** Its one endpoint, on this machine. */
export function endpointSlice(name: string, port: number): string {
  return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{port: ${port}}]
endpoints: [{addresses: [127.0.0.1]}]
`;
}

/** A Secret with a certificate and a key: 7 lines. */
export function secret(
  name: string,
  { certificate, privateKey }: Pick<IssuedCertificate, "certificate" | "privateKey">,
): string {
  return `apiVersion: v1
kind: Secret
metadata: {name: ${name}}
type: kubernetes.io/tls
data:
  tls.crt: ${btoa(certificate)}
  tls.key: ${btoa(privateKey)}
`;
}
