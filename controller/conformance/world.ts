import { type KubeObject, type PolicyKinds, readManifest } from "../api/mod.ts";
import type { PolicyFacts } from "../plugin/mod.ts";

/** Hosts of all kinds that policies can be tried on, in two versions. */
export function world(version: 1 | 2): readonly KubeObject[] {
  return objectsIn(`
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop, namespace: plugins}
spec:
  virtualhost: {fqdn: shop.example}
  routes:
  - conditions: [{prefix: /cart}, {header: {name: x-version, exact: "${version}"}}]
    services: [{name: web, port: 80}]
  - conditions: [{prefix: /old}]
    requestRedirectPolicy: {path: /new, statusCode: 301}
  - services: [{name: web, port: 80}]
  includes:
  - {name: part, namespace: others, conditions: [{prefix: /part}]}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: part, namespace: others}
spec:
  routes:
  - directResponsePolicy: {statusCode: 200, body: part}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: wild, namespace: plugins}
spec:
  virtualhost: {fqdn: "*.wild.example"}
  routes:
  - directResponsePolicy: {statusCode: 200, body: wild}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ingress, namespace: plugins}
spec:
  rules:
  - host: ingress.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: plugins}
spec: {ports: [{port: 80, targetPort: 8080}]}
`);
}

/** Policies with these settings for everything in the world that they can be for, a name each. */
export function policiesFor(
  { apiVersion, name, targets }: PolicyFacts,
  settings: Readonly<Record<string, unknown>>,
  kinds: PolicyKinds,
): readonly KubeObject[] {
  const wanted = [
    { kind: "HTTPProxy", name: "shop" },
    { kind: "HTTPProxy", name: "shop", sectionName: "routes[0]" },
    { kind: "HTTPProxy", name: "wild" },
    { kind: "Ingress", name: "ingress" },
    { kind: "Namespace", name: "plugins" },
  ].filter(({ kind }) => (targets as readonly string[]).includes(kind));
  const documents = wanted.map((targetRef, i) => ({
    apiVersion,
    kind: name,
    metadata: { name: `policy-${i}`, namespace: "plugins" },
    spec: { ...settings, targetRef },
  }));
  return objectsIn(documents.map((each) => JSON.stringify(each)).join("\n---\n"), kinds);
}

/** Throws with what is wrong when there is something. */
function objectsIn(text: string, policyKinds?: PolicyKinds): readonly KubeObject[] {
  const { objects, diagnostics } = readManifest(text, { file: "world.yaml", policyKinds });
  const [error] = diagnostics.filter(({ severity }) => severity === "error");
  if (error === undefined) return objects.map(({ object }) => object);
  throw new Error(`${error.path === "" ? "" : `at ${error.path}: `}${error.message}`);
}
