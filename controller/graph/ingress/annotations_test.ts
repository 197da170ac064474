import assert from "node:assert/strict";
import { parseObject } from "../../api/mod.ts";
import { annotationPolicy } from "./annotations.ts";

/** What annotations come to, and the annotations that something is wrong with. */
function read(annotations: Record<string, string>) {
  const result = parseObject({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "i", namespace: "team", annotations },
    spec: {},
  }, { strict: true });
  if (result.kind !== "object" || result.object.kind !== "Ingress") assert.fail();
  const { faults, ...policy } = annotationPolicy(result.object);
  return { ...policy, blamed: faults.map(({ path }) => path.split("/").at(-1)?.slice(0, -2)) };
}

const plain = {
  plain: "serve",
  timeout: { kind: "default" },
  websocketPaths: [],
  certificateNamespace: "team",
  tlsVersions: { minimum: "1.2", maximum: "1.3" },
  blamed: [],
};

const contour = (name: string, value: string) => ({ [`projectcontour.io/${name}`]: value });
const force = (value: string) => ({ "ingress.kubernetes.io/force-ssl-redirect": value });
const allow = (value: string) => ({ "kubernetes.io/ingress.allow-http": value });
const retry = (retries: number, more: object = {}) => ({
  retry: { retryOn: ["5xx"], retries, statusCodes: [], ...more },
});
const on = contour("retry-on", "5xx");

/** Annotations, and what differs from {@link plain}. */
const rows: readonly (readonly [Record<string, string>, object])[] = [
  [{}, {}],
  [force("true"), { plain: "redirect-to-https" }],
  [force("True"), { blamed: ["force-ssl-redirect"] }],
  [force("false"), {}],
  [allow("false"), { plain: "absent" }],
  [allow("FALSE"), { blamed: ["ingress.allow-http"] }],
  [{ ...force("true"), ...allow("false") }, { plain: "redirect-to-https" }],
  [contour("response-timeout", "90s"), { timeout: { kind: "explicit", ms: 90_000 } }],
  [contour("response-timeout", "0"), {}],
  [contour("response-timeout", "infinite"), { timeout: { kind: "disabled" } }],
  [contour("response-timeout", "-1s"), { blamed: ["response-timeout"] }],
  [contour("request-timeout", "x"), { blamed: ["request-timeout"] }],
  [
    { ...contour("response-timeout", ""), ...contour("request-timeout", "1s") },
    { timeout: { kind: "explicit", ms: 1_000 } },
  ],
  [
    { ...contour("response-timeout", "2s"), ...contour("request-timeout", "x") },
    { timeout: { kind: "explicit", ms: 2_000 } },
  ],
  [on, retry(1)],
  [contour("retry-on", " 5xx, reset "), retry(1, { retryOn: ["5xx", "reset"] })],
  [contour("retry-on", "5xx,sometimes"), { ...retry(1), blamed: ["retry-on"] }],
  [contour("retry-on", "sometimes"), { blamed: ["retry-on"] }],
  [{ ...on, ...contour("num-retries", "0") }, retry(1)],
  [{ ...on, ...contour("num-retries", "7") }, retry(7)],
  [{ ...on, ...contour("num-retries", "-1") }, retry(0)],
  [{ ...on, ...contour("num-retries", "-2") }, { ...retry(1), blamed: ["num-retries"] }],
  [{ ...on, ...contour("num-retries", "2147483648") }, { ...retry(1), blamed: ["num-retries"] }],
  [{ ...on, ...contour("num-retries", "1.5") }, { ...retry(1), blamed: ["num-retries"] }],
  [{ ...on, ...contour("per-try-timeout", "1s") }, retry(1, { perTryTimeoutMs: 1_000 })],
  [{ ...on, ...contour("per-try-timeout", "infinity") }, retry(1, { perTryTimeoutMs: 0 })],
  [{ ...on, ...contour("per-try-timeout", "0s") }, retry(1)],
  [{ ...on, ...contour("per-try-timeout", "-1s") }, { ...retry(1), blamed: ["per-try-timeout"] }],
  [contour("num-retries", "3"), { blamed: ["num-retries"] }],
  [contour("websocket-routes", " /a , ,/b"), { websocketPaths: ["/a", "/b"] }],
  [contour("tls-cert-namespace", "certs"), { certificateNamespace: "certs" }],
  [
    contour("tls-minimum-protocol-version", "1.3"),
    { tlsVersions: { minimum: "1.3", maximum: "1.3" } },
  ],
  [contour("tls-minimum-protocol-version", "1.0"), { blamed: ["tls-minimum-protocol-version"] }],
  [
    {
      ...contour("tls-minimum-protocol-version", "1.3"),
      ...contour("tls-maximum-protocol-version", "1.2"),
    },
    { tlsVersions: undefined, blamed: ["tls-minimum-protocol-version"] },
  ],
  [contour("ingress.class", "contour"), {}],
  [contour("unheard-of", "x"), { blamed: ["unheard-of"] }],
  [{ "nginx.ingress.kubernetes.io/x": "y", "example.com/a": "b" }, {}],
];

for (const [annotations, expected] of rows) {
  Deno.test(`annotations ${JSON.stringify(annotations)}`, () => {
    const { tlsVersions, ...rest } = { ...plain, ...expected };
    assert.deepEqual(
      read(annotations),
      tlsVersions === undefined ? rest : { tlsVersions, ...rest },
    );
  });
}
