/** Header policies: names and values that Envoy's rules, or its own code, refuse. */
import { route, services } from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";

const set = (value: string, name = "x-a") => ({ set: [{ name, value }] });
const long = (count: number) => "v".repeat(count);
const request = "spec.routes[0].requestHeadersPolicy";
const response = "spec.routes[0].responseHeadersPolicy";
const ofService = "spec.routes[0].services[0].requestHeadersPolicy";

export const headers: readonly Guilty[] = [
  odd("a value that ends with a line break", route({ requestHeadersPolicy: set("a\n") }), request),
  odd("a value with a carriage return", route({ requestHeadersPolicy: set("a\rb") }), request),
  odd("a value with a NUL", route({ requestHeadersPolicy: set("a\0b") }), request),
  odd("a value of 16,385 bytes", route({ requestHeadersPolicy: set(long(16_385)) }), request),
  odd(
    "a value that is too long in bytes alone",
    route({ requestHeadersPolicy: set("é".repeat(8_193)) }),
    request,
  ),
  odd(
    "a value that is too long with its percent signs doubled",
    route({ requestHeadersPolicy: set("%".repeat(8_193)) }),
    request,
  ),
  odd(
    "a name of 16,385 bytes",
    route({ requestHeadersPolicy: set("a", long(16_385)) }),
    request,
  ),
  odd(
    "1,001 headers",
    route({
      requestHeadersPolicy: {
        set: Array.from({ length: 1_001 }, (_, i) => ({ name: `x-${i}`, value: "a" })),
      },
    }),
    request,
  ),
  odd(
    "1,001 headers of answers",
    route({
      responseHeadersPolicy: {
        set: Array.from({ length: 1_001 }, (_, i) => ({ name: `x-${i}`, value: "a" })),
      },
    }),
    response,
  ),
  odd("a name with a blank", route({ requestHeadersPolicy: set("a", "x a") }), request),
  odd("a name with a line break", route({ requestHeadersPolicy: set("a", "x-a\n") }), request),
  odd("a pseudo-header that is set", route({ requestHeadersPolicy: set("/", ":path") }), request),
  odd(
    "a pseudo-header that is set in answers",
    route({ responseHeadersPolicy: set("200", ":status") }),
    response,
  ),
  odd("Host is removed", route({ requestHeadersPolicy: { remove: ["Host"] } }), request),
  odd("host is removed", route({ requestHeadersPolicy: { remove: ["x-a", "host"] } }), request),
  odd(
    "a pseudo-header is removed",
    route({ requestHeadersPolicy: { remove: [":path"] } }),
    request,
  ),
  odd(
    "Host is removed from answers",
    route({ responseHeadersPolicy: { remove: ["hOST"] } }),
    response,
  ),
  odd(
    "a pseudo-header is removed from answers",
    route({ responseHeadersPolicy: { remove: [":status"] } }),
    response,
  ),
  odd("a name to remove is empty", route({ requestHeadersPolicy: { remove: [""] } }), request),
  odd(
    "a name to remove has a line break",
    route({ requestHeadersPolicy: { remove: ["x-a\r\n"] } }),
    request,
  ),
  odd(
    "a name to remove twice",
    route({ requestHeadersPolicy: { remove: ["x-a", "X-A"] } }),
    request,
  ),
  odd(
    "Host is set to a text with a line break",
    route({ requestHeadersPolicy: set("a\nb", "Host") }),
    request,
  ),
  odd(
    "Host is set to a text with a NUL",
    route({ requestHeadersPolicy: set("a\0b", "Host") }),
    request,
  ),
  odd("Host is set in answers", route({ responseHeadersPolicy: set("a", "Host") }), response),
  odd(
    "a value of a Service with a line break",
    services({ name: "web", port: 80, requestHeadersPolicy: set("a\n") }),
    ofService,
  ),
  odd(
    "a Service's Host with a line break",
    services({ name: "web", port: 80, requestHeadersPolicy: set("a\n", "Host") }),
    ofService,
  ),
  odd(
    "Host is removed for a Service",
    services({ name: "web", port: 80, requestHeadersPolicy: { remove: ["Host"] } }),
    ofService,
  ),
  odd(
    "a pseudo-header is removed from the answers of a Service",
    services({ name: "web", port: 80, responseHeadersPolicy: { remove: [":status"] } }),
    "spec.routes[0].services[0].responseHeadersPolicy",
  ),
  odd(
    "a value is a number",
    route({ requestHeadersPolicy: { set: [{ name: "x-a", value: 1 }] } }),
    `${request}.set[0].value`,
    { beyond: "schema" },
  ),
  odd(
    "half of a surrogate pair",
    route({ requestHeadersPolicy: set("a\ud800b") }),
    request,
    { beyond: "server" },
  ),
  odd(
    "a cookie that is rewritten to a path with a line break",
    route({ cookieRewritePolicies: [{ name: "a", pathRewrite: { value: "/a\nb" } }] }),
    "spec.routes[0].cookieRewritePolicies[0].pathRewrite.value",
    { beyond: "schema" },
  ),
  odd(
    "a cookie that is rewritten to nothing",
    route({ cookieRewritePolicies: [{ name: "a" }] }),
    "spec.routes[0].cookieRewritePolicies[0]",
  ),
  odd(
    "a cookie that is rewritten twice",
    route({
      cookieRewritePolicies: [{ name: "a", secure: true }, { name: "a", secure: false }],
    }),
    "spec.routes[0].cookieRewritePolicies[1]",
  ),
];
