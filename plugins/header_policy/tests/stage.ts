/** All cases behind one gateway: objects in files as users write them, and a real Envoy. */
import assert from "node:assert/strict";
import type { IssuedCertificate } from "../../../controller/certs/mod.ts";
import { type HttpAnswer } from "../../../tests/support/http_client.ts";
import type { Received } from "./backend.ts";
import type { Ask, Case } from "./case.ts";

/** A host name of a case. */
export function hostOf({ name, policy }: Case): string {
  if (typeof policy !== "string" && policy.fqdn !== undefined) return policy.fqdn;
  return `${slug(name)}.policies.test`;
}

/** The namespace of a case. */
export function namespaceOf({ name }: Case): string {
  return `p-${slug(name)}`.slice(0, 50).replace(/-$/, "");
}

/** The objects of a case. */
export function manifestOf(one: Case, backend: { readonly port: number }): string {
  const namespace = namespaceOf(one);
  const host = hostOf(one);
  const { policy } = one;
  const text = typeof policy === "string" ? plain(policy) : policy.manifest;
  const own = text.replaceAll("$HOST", host).replaceAll("$NAME", "one").replaceAll(
    "$NS",
    namespace,
  );
  const namespaces = [namespace, ...own.includes(`${namespace}-away`) ? [`${namespace}-away`] : []];
  return [own, ...namespaces.map((namespace) => echo(namespace, backend.port))].join("\n---\n");
}

/** A Secret that any namespace may use, for hosts below `policies.test`. */
export function certificateManifest({ certificate, privateKey }: IssuedCertificate): string {
  return `apiVersion: v1
kind: Secret
metadata: { name: wildcard, namespace: certificates }
type: kubernetes.io/tls
stringData: ${JSON.stringify({ "tls.crt": certificate, "tls.key": privateKey })}
---
apiVersion: projectcontour.io/v1
kind: TLSCertificateDelegation
metadata: { name: wildcard, namespace: certificates }
spec: { delegations: [{ secretName: wildcard, targetNamespaces: ["*"] }] }`;
}

/** The request of a case, as it is sent. */
export function requestOf(one: Case, ask: Ask) {
  const { method, path, headers = {}, reply = {}, status } = ask;
  const all: Record<string, string> = status === undefined
    ? {}
    : { "reply-status": String(status) };
  for (const [name, value] of Object.entries(headers)) {
    // Several headers of a name, as the client writes what it is given.
    all[name] = [value].flat().join(`\r\n${name}: `);
  }
  for (const [name, value] of Object.entries(reply)) {
    all[`reply-${name}`] = [value].flat().join("|");
  }
  return {
    host: ask.host ?? hostOf(one),
    headers: all,
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
  };
}

/** Throws if an answer is not as the case says. */
export function checkAnswer(one: Case, ask: Ask, answer: HttpAnswer): void {
  const shown = JSON.stringify({ case: one.name, ...ask }).slice(0, 400);
  assert.equal(answer.status, ask.answers ?? ask.status ?? 200, `${shown}: ${answer.body}`);
  const got = Object.fromEntries(
    Object.keys(ask.gets ?? {}).map((name) => [name, answer.headers[name]]),
  );
  assert.deepEqual(got, ask.gets ?? {}, `answer to ${shown}`);
  if (ask.sees === undefined) return;
  const received = JSON.parse(answer.body) as Received;
  const namespace = namespaceOf(one);
  for (const [name, expected] of Object.entries(ask.sees)) {
    const values = expected === undefined
      ? undefined
      : [expected].flat().map((text) => text.replaceAll("$NS", namespace));
    assert.deepEqual(received.headers[name], values, `"${name}" behind ${shown}`);
  }
}

function plain(policy: string): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: $NAME, namespace: $NS }
spec:
  virtualhost: { fqdn: $HOST, tls: { secretName: certificates/wildcard } }
  routes: [{ permitInsecure: true, services: [{ name: echo, port: 80 }] }]
---
apiVersion: policy.projectcontour.io/v1alpha1
kind: HeaderPolicy
metadata: { name: $NAME, namespace: $NS }
spec:
  targetRef: { kind: HTTPProxy, name: $NAME }
${policy.split("\n").map((line) => `  ${line}`).join("\n")}`;
}

/** A Service of that name in a namespace, and where it is. */
export function echo(namespace: string, port: number): string {
  return `apiVersion: v1
kind: Service
metadata: { name: echo, namespace: ${namespace} }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: echo-1
  namespace: ${namespace}
  labels: { kubernetes.io/service-name: echo }
addressType: IPv4
ports: [{ port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]`;
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
