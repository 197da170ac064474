/** Conditions, targets and answers of routes. */
import { answering, on, route, services } from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";

const web = { name: "web", port: 80 };
const long = (count: number) => "v".repeat(count);
const first = "spec.routes[0]";
const condition = `${first}.conditions[0]`;

const conditions: readonly Guilty[] = [
  odd("a class of letters that only Go knows by name", on({ regex: "/\\p{LC}" }), condition),
  odd("a long name of a class", on({ regex: "/\\p{Letter}" }), condition),
  odd("a caseless name of a class", on({ regex: "/\\p{greek}" }), condition),
  odd("a rune beyond Unicode", on({ regex: "/\\x{110000}" }), condition),
  odd("the last rune of Unicode", on({ regex: "/\\x{10FFFF}" }), condition),
  odd("a regex that ends nowhere", on({ regex: "/[" }), condition),
  odd("a regex that repeats too often", on({ regex: "/a{1001}" }), condition),
  odd(
    "a regex that grows too large",
    on({ regex: "/((((a{1,10}){1,10}){1,10}){1,10})" }),
    condition,
  ),
  odd("a regex that looks ahead", on({ regex: "/(?=a)" }), condition),
  odd("a regex that refers back", on({ regex: "/(a)\\1" }), condition),
  odd("a regex with nothing to repeat", on({ regex: "/**" }), condition),
  odd("a regex with a flag that RE2 lacks", on({ regex: "/(?x)a" }), condition),
  odd("a regex of a header", on({ header: { name: "x-a", regex: "[" } }), condition),
  odd(
    "a regex of a header that only Go takes",
    on({ header: { name: "x-a", regex: "\\p{LC}" } }),
    condition,
  ),
  odd("a regex of a parameter", on({ queryParameter: { name: "a", regex: "(" } }), condition),
  odd(
    "a regex of a parameter that only Go takes",
    on({ queryParameter: { name: "a", regex: "\\p{Letter}" } }),
    condition,
  ),
  odd(
    "a header condition with a line break in its name",
    on({ header: { name: "x\n", present: true } }),
    `${first}.conditions`,
  ),
  odd("a header condition without a name", on({ header: { name: "", present: true } }), condition, {
    beyond: "schema",
  }),
  odd(
    "two exact values of a header",
    on({ header: { name: "x-a", exact: "a" } }, { header: { name: "x-a", exact: "b" } }),
    first,
  ),
  odd(
    "a parameter condition without a name",
    on({ queryParameter: { name: "", present: true } }),
    `${first}.conditions`,
  ),
  odd(
    "a parameter condition with a name of 1,025 bytes",
    on({ queryParameter: { name: long(1_025), present: true } }),
    `${first}.conditions`,
  ),
  odd(
    "a parameter condition of two kinds",
    on({ queryParameter: { name: "a", exact: "a", prefix: "b" } }),
    condition,
  ),
  odd("a parameter condition of no kind", on({ queryParameter: { name: "a" } }), condition),
  odd("a prefix without a slash", on({ prefix: "a" }), condition),
  odd("a condition is no object", on("a" as never), condition, { beyond: "schema" }),
  odd("conditions are no list", route({ conditions: { prefix: "/" } }), `${first}.conditions`, {
    beyond: "schema",
  }),
];

const targets: readonly Guilty[] = [
  odd(
    "a Service that is not there",
    services({ name: "nowhere", port: 80 }),
    `${first}.services[0].name`,
  ),
  odd("a port that is not there", services({ name: "web", port: 81 }), `${first}.services[0].port`),
  odd(
    "two mirrors and no target",
    services({ ...web, mirror: true }, { ...web, mirror: true }),
    first,
  ),
  odd(
    "a health port that is not there",
    route({ services: [{ ...web, healthPort: 81 }], healthCheckPolicy: { path: "/" } }),
    `${first}.services[0]`,
  ),
  odd(
    "a port beyond 16 bits",
    services({ name: "web", port: 70_000 }),
    `${first}.services[0].port`,
    { beyond: "schema" },
  ),
  odd("a negative port", services({ name: "web", port: -1 }), `${first}.services[0].port`, {
    beyond: "schema",
  }),
  odd("a port as a text", services({ name: "web", port: "80" }), `${first}.services[0].port`, {
    beyond: "schema",
  }),
  odd("a negative weight", services({ ...web, weight: -1 }), `${first}.services[0].weight`, {
    beyond: "schema",
  }),
  odd("half a weight", services({ ...web, weight: 0.5 }), `${first}.services[0].weight`, {
    beyond: "schema",
  }),
  odd(
    "a weight beyond 53 bits",
    services({ ...web, weight: 1e300 }),
    `${first}.services[0].weight`,
    { beyond: "schema" },
  ),
  odd(
    "a protocol of the future",
    services({ ...web, protocol: "h3" }),
    `${first}.services[0].protocol`,
    { beyond: "schema" },
  ),
  odd(
    "a slow start of words",
    services({ ...web, slowStartPolicy: { window: "soon" } }),
    `${first}.services[0].slowStartPolicy.window`,
    { beyond: "schema" },
  ),
  odd(
    "a slow start that begins with less than nothing",
    services({ ...web, slowStartPolicy: { window: "1s", minWeightPercent: -1 } }),
    `${first}.services[0].slowStartPolicy.minWeightPercent`,
    { beyond: "schema" },
  ),
  odd("nothing to do", answering({}), first),
  odd("two things to do", route({ directResponsePolicy: { statusCode: 200 } }), first),
];

const times: readonly Guilty[] = [
  odd(
    "a negative timeout",
    route({ timeoutPolicy: { response: "-5s" } }),
    `${first}.timeoutPolicy.response`,
    { beyond: "schema" },
  ),
  odd(
    "a timeout without a unit",
    route({ timeoutPolicy: { response: "5" } }),
    `${first}.timeoutPolicy.response`,
    { beyond: "schema" },
  ),
  odd(
    "a timeout as a number",
    route({ timeoutPolicy: { response: 5 } }),
    `${first}.timeoutPolicy.response`,
    { beyond: "schema" },
  ),
  odd(
    "a timeout of a dot",
    route({ timeoutPolicy: { response: ".s" } }),
    `${first}.timeoutPolicy.response`,
  ),
  odd(
    "a timeout of a unit",
    route({ timeoutPolicy: { idle: "s" } }),
    `${first}.timeoutPolicy.idle`,
  ),
  odd(
    "a timeout that Go cannot hold",
    route({ timeoutPolicy: { response: "9999999999h" } }),
    `${first}.timeoutPolicy.response`,
  ),
  odd(
    "five thousand million retries",
    route({ retryPolicy: { count: 5_000_000_000 } }),
    `${first}.retryPolicy`,
  ),
  odd(
    "retries of less than none",
    route({ retryPolicy: { count: -2 } }),
    `${first}.retryPolicy.count`,
    { beyond: "schema" },
  ),
  odd(
    "a reason to retry of the future",
    route({ retryPolicy: { retryOn: ["5xx", "boredom"] } }),
    `${first}.retryPolicy.retryOn[1]`,
    { beyond: "schema" },
  ),
  odd(
    "retries on a negative status",
    route({ retryPolicy: { retryOn: ["retriable-status-codes"], retriableStatusCodes: [-1] } }),
    `${first}.retryPolicy.retriableStatusCodes[0]`,
  ),
];

const rewrites: readonly Guilty[] = [
  odd(
    "a replacement with a line break",
    route({ pathRewritePolicy: { replacePrefix: [{ replacement: "/a\nb" }] } }),
    `${first}.pathRewritePolicy`,
  ),
  odd(
    "a replacement with a carriage return",
    route({ pathRewritePolicy: { replacePrefix: [{ replacement: "/a\rb" }] } }),
    `${first}.pathRewritePolicy`,
  ),
  odd(
    "a replacement with a NUL",
    route({ pathRewritePolicy: { replacePrefix: [{ replacement: "/a\0b" }] } }),
    `${first}.pathRewritePolicy`,
  ),
  odd(
    "two replacements of one prefix",
    route({
      pathRewritePolicy: {
        replacePrefix: [{ prefix: "/", replacement: "/a" }, { prefix: "/", replacement: "/b" }],
      },
    }),
    `${first}.pathRewritePolicy`,
  ),
  odd(
    "a redirect to a path with a carriage return",
    answering({ requestRedirectPolicy: { path: "/a\rb" } }),
    `${first}.requestRedirectPolicy.path`,
  ),
  odd(
    "a redirect to a path with a line break",
    answering({ requestRedirectPolicy: { path: "/a\nb" } }),
    `${first}.requestRedirectPolicy.path`,
    { beyond: "schema" },
  ),
  odd(
    "a redirect to a path with a NUL",
    answering({ requestRedirectPolicy: { path: "/a\0b" } }),
    `${first}.requestRedirectPolicy.path`,
  ),
  odd(
    "a redirect to a prefix with a carriage return",
    answering({ requestRedirectPolicy: { prefix: "/a\rb" } }),
    `${first}.requestRedirectPolicy.prefix`,
  ),
  odd(
    "a redirect to a path and a prefix",
    answering({ requestRedirectPolicy: { path: "/a", prefix: "/b" } }),
    `${first}.requestRedirectPolicy`,
  ),
  odd(
    "a redirect with a status of the future",
    answering({ requestRedirectPolicy: { path: "/a", statusCode: 309 } }),
    `${first}.requestRedirectPolicy.statusCode`,
    { beyond: "schema" },
  ),
  odd(
    "a redirect to a port beyond 16 bits",
    answering({ requestRedirectPolicy: { port: 70_000 } }),
    `${first}.requestRedirectPolicy.port`,
    { beyond: "schema" },
  ),
  odd(
    "a redirect to a scheme of the future",
    answering({ requestRedirectPolicy: { scheme: "ftp" } }),
    `${first}.requestRedirectPolicy.scheme`,
    { beyond: "schema" },
  ),
  odd(
    "a redirect to a host with a line break",
    answering({ requestRedirectPolicy: { hostname: "a.test\n" } }),
    `${first}.requestRedirectPolicy.hostname`,
    { beyond: "schema" },
  ),
  odd(
    "following less than no redirects",
    route({ internalRedirectPolicy: { maxInternalRedirects: -1 } }),
    `${first}.internalRedirectPolicy`,
  ),
  odd(
    "following a redirect of status 200",
    route({ internalRedirectPolicy: { redirectResponseCodes: [200] } }),
    `${first}.internalRedirectPolicy`,
    { beyond: "schema" },
  ),
];

const answers: readonly Guilty[] = [
  odd(
    "an answer with a status of 99",
    answering({ directResponsePolicy: { statusCode: 99 } }),
    `${first}.directResponsePolicy.statusCode`,
    { beyond: "schema" },
  ),
  odd(
    "an answer with a status of 600",
    answering({ directResponsePolicy: { statusCode: 600 } }),
    `${first}.directResponsePolicy.statusCode`,
    { beyond: "schema" },
  ),
  odd(
    "an answer with a status in words",
    answering({ directResponsePolicy: { statusCode: "fine" } }),
    `${first}.directResponsePolicy.statusCode`,
    { beyond: "schema" },
  ),
  odd(
    "an answer with a list as body",
    answering({ directResponsePolicy: { statusCode: 200, body: ["a"] } }),
    `${first}.directResponsePolicy.body`,
    { beyond: "schema" },
  ),
  odd(
    "an answer of two million bytes",
    answering({ directResponsePolicy: { statusCode: 200, body: "b".repeat(1_000_001) } }),
    `${first}.directResponsePolicy.body`,
  ),
];

const hashes: readonly Guilty[] = [
  odd(
    "a hash of a header without a name",
    route({
      loadBalancerPolicy: {
        strategy: "RequestHash",
        requestHashPolicies: [{ headerHashOptions: { headerName: "" } }],
      },
    }),
    `${first}.loadBalancerPolicy`,
    { beyond: "schema" },
  ),
  odd(
    "a hash of a header with a line break",
    route({
      loadBalancerPolicy: {
        strategy: "RequestHash",
        requestHashPolicies: [{ headerHashOptions: { headerName: "x\n" } }],
      },
    }),
    `${first}.loadBalancerPolicy`,
  ),
  odd(
    "a hash of everything at once",
    route({
      loadBalancerPolicy: {
        strategy: "RequestHash",
        requestHashPolicies: [{ hashSourceIP: true, headerHashOptions: { headerName: "x" } }],
      },
    }),
    `${first}.loadBalancerPolicy`,
    { ok: 200 },
  ),
];

/** See {@link Guilty}. */
export const routes: readonly Guilty[] = [
  ...conditions,
  ...targets,
  ...times,
  ...rewrites,
  ...answers,
  ...hashes,
];
