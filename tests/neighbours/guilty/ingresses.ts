/** Ingresses, and objects that a careless controller would stumble over. */
import { ingress } from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";

const object = "Ingress odd";
const path = "spec.rules[0].http.paths[0]";
const at = (pathType: string, text: string) => ingress({ pathType, path: text });
const noted = (annotations: Readonly<Record<string, string>>, rest: object = {}) =>
  ingress({}, {
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`projectcontour.io/${name}`, value]),
    ),
    ...rest,
  });
const note = (name: string) => `metadata.annotations["projectcontour.io/${name}"]`;
const tls = { tls: [{ hosts: ["odd.guilty.test"], secretName: "tls" }] };

/** See {@link Guilty}. */
export const ingresses: readonly Guilty[] = [
  odd("a path with a query", at("Prefix", "/a?b"), path, { object, ok: 200 }),
  odd("a path with a fragment", at("Prefix", "/a#b"), path, { object, ok: 200 }),
  odd("an exact path with a query", at("Exact", "/a?b"), path, { object, ok: 200 }),
  odd("a regex that ends nowhere", at("ImplementationSpecific", "/["), path, { object, ok: 200 }),
  odd("a regex that only Go takes", at("ImplementationSpecific", "/\\p{LC}+"), path, {
    object,
    ok: 200,
  }),
  odd(
    "a regex that grows too large",
    at("ImplementationSpecific", "/((((a{1,10}){1,10}){1,10}){1,10})[a-z]*"),
    path,
    { object, ok: 200 },
  ),
  odd("a path without a slash", at("ImplementationSpecific", "a"), path, {
    object,
    beyond: "server",
    ok: 200,
  }),
  odd(
    "a backend that is a resource",
    ingress({
      backend: { resource: { apiGroup: "k8s.example.com", kind: "Bucket", name: "icons" } },
    }),
    path,
    { object, ok: 200 },
  ),
  odd(
    "a default backend that is a resource",
    ingress({}, { defaultBackend: { resource: { kind: "Bucket", name: "icons" } } }),
    "spec.defaultBackend",
    { object, ok: 200 },
  ),
  odd(
    "a backend that is not there",
    ingress({ backend: { service: { name: "odd-nowhere", port: { number: 80 } } } }),
    path,
    { object, ok: 200 },
  ),
  odd(
    "a port that is not there",
    ingress({ backend: { service: { name: "web", port: { name: "nowhere" } } } }),
    path,
    { object, ok: 200 },
  ),
  odd("a negative timeout", noted({ "response-timeout": "-5s" }), note("response-timeout"), {
    object,
    ok: 200,
  }),
  odd("a timeout of words", noted({ "response-timeout": "soon" }), note("response-timeout"), {
    object,
    ok: 200,
  }),
  odd(
    "a negative try",
    noted({ "retry-on": "5xx", "per-try-timeout": "-1s" }),
    note("per-try-timeout"),
    { object, ok: 200 },
  ),
  odd(
    "retries beyond 32 bits",
    noted({ "retry-on": "5xx", "num-retries": "99999999999" }),
    note("num-retries"),
    { object, ok: 200 },
  ),
  odd("negative retries", noted({ "retry-on": "5xx", "num-retries": "-7" }), note("num-retries"), {
    object,
    ok: 200,
  }),
  odd(
    "a reason to retry with a line break",
    noted({ "retry-on": "5xx,re\nset" }),
    note("retry-on"),
    { object, ok: 200 },
  ),
  odd(
    "websockets for a path that is not there",
    noted({ "websocket-routes": "/nowhere" }),
    note("websocket-routes"),
    { object, ok: 200 },
  ),
  odd(
    "versions of TLS that cross",
    noted({ "tls-minimum-protocol-version": "1.3", "tls-maximum-protocol-version": "1.2" }, tls),
    note("tls-minimum-protocol-version"),
    { object, ok: 200 },
  ),
  odd(
    "a version of TLS of the future",
    noted({ "tls-minimum-protocol-version": "1.9" }, tls),
    note("tls-minimum-protocol-version"),
    { object, ok: 200 },
  ),
  odd(
    "a certificate that is not there",
    ingress({}, { tls: [{ hosts: ["odd.guilty.test"], secretName: "odd-nowhere" }] }),
    "spec.tls[0]",
    { object, ok: 200 },
  ),
  odd(
    "a certificate of another team",
    ingress({}, { tls: [{ hosts: ["odd.guilty.test"], secretName: "canary/canary" }] }),
    "spec.tls[0]",
    { object, ok: 200, beyond: "server" },
  ),
  odd("a certificate for nobody", ingress({}, { tls: [{ secretName: "tls" }] }), "spec.tls[0]", {
    object,
    ok: 200,
  }),
  odd(
    "a port as a text",
    ingress({ backend: { service: { name: "web", port: { number: "80" } } } }),
    `${path}.backend.service.port.number`,
    { object, beyond: "server" },
  ),
  odd("a path type of the future", at("Fuzzy", "/"), `${path}.pathType`, {
    object,
    beyond: "server",
  }),
  odd("rules that are no list", ingress({}, { rules: { host: "odd.guilty.test" } }), "spec.rules", {
    object,
    beyond: "server",
  }),
  odd(
    "a host with a line break",
    ingress({}, {
      rules: [{
        host: "odd.guilty.test\n",
        http: {
          paths: [{
            path: "/",
            pathType: "Prefix",
            backend: { service: { name: "web", port: { number: 80 } } },
          }],
        },
      }],
    }),
    "spec.rules[0].host",
    { object, beyond: "server" },
  ),
];
