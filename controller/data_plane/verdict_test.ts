/** What `check` says of a message is what Envoy says of it. */
import assert from "node:assert/strict";
import { check, encode, type Message } from "../../proto/mod.ts";
import { bootstrapType, envoyBinary } from "./mod.ts";

const forward = (action: Message, rest: Message = {}): Message => ({
  name: "h",
  domains: ["*"],
  routes: [{ match: { prefix: "/" }, route: { cluster: "c", ...action }, ...rest }],
});
const header = (key: string, value: string): Message =>
  forward({}, { requestHeadersToAdd: [{ header: { key, value } }] });
const localRateLimit = (config: Message): Message =>
  forward({}, {
    typedPerFilterConfig: {
      "envoy.filters.http.local_ratelimit": {
        "@type": "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        statPrefix: "s",
        ...config,
      },
    },
  });
const bucket = (tokenBucket: Message): Message =>
  localRateLimit({ tokenBucket: { fillInterval: { seconds: 1 }, ...tokenBucket } });
const match = (match: Message): Message => ({
  name: "h",
  domains: ["*"],
  routes: [{ match, route: { cluster: "c" } }],
});

const virtualHosts: Readonly<Record<string, Message>> = {
  "nothing odd": forward({ timeout: { seconds: 1 } }),
  "a line break in a header": header("x-a", "a\n"),
  "a space in the name of a header": header("x a", "b"),
  "a control character in a header": header("x-a", "a\x01b"),
  "a header of the longest size": header("x-a", "v".repeat(16_384)),
  "a header that is longer in bytes": header("x-a", "é".repeat(8193)),
  "a negative timeout": forward({ timeout: { seconds: -1 } }),
  "a timeout of negative nanoseconds": forward({ idleTimeout: { nanos: -5 } }),
  "the longest timeout": forward({ timeout: { seconds: 9_223_372_035, nanos: 999_999_999 } }),
  "a timeout beyond the longest": forward({ timeout: { seconds: 9_223_372_036 } }),
  "a query in a segment prefix": match({ pathSeparatedPrefix: "/a?b" }),
  "a line break in a segment prefix": match({ pathSeparatedPrefix: "/a\nb" }),
  "no path": match({}),
  "an unknown enum value": localRateLimit({ status: { code: 499 } }),
  "an enum value that is ruled out": localRateLimit({ status: {} }),
  "a bucket that is never filled": bucket({ maxTokens: 1, tokensPerFill: { value: 0 } }),
  "a bucket without tokens": bucket({ maxTokens: 0, tokensPerFill: { value: 1 } }),
  "no domains": { name: "h" },
};

function withVirtualHost(virtualHost: Message): Message {
  const filter = (name: string, type: string, config: Message = {}): Message => ({
    name,
    typedConfig: { "@type": `envoy.extensions.filters.${type}`, ...config },
  });
  const manager = filter("hcm", "network.http_connection_manager.v3.HttpConnectionManager", {
    statPrefix: "x",
    routeConfig: { name: "r", virtualHosts: [virtualHost] },
    httpFilters: [
      filter("envoy.filters.http.local_ratelimit", "http.local_ratelimit.v3.LocalRateLimit", {
        statPrefix: "x",
      }),
      filter("router", "http.router.v3.Router"),
    ],
  });
  return {
    staticResources: {
      clusters: [{ name: "c", connectTimeout: { seconds: 1 } }],
      listeners: [{
        name: "l",
        address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
        filterChains: [{ filters: [manager] }],
      }],
    },
  };
}

/** What Envoy says, and what `check` says, of one virtual host. */
async function verdicts(virtualHost: Message): Promise<{ envoy: boolean; ours: boolean }> {
  const binary = await envoyBinary();
  const file = await Deno.makeTempFile({ prefix: "contour-test-", suffix: ".pb" });
  try {
    await Deno.writeFile(file, encode(bootstrapType, withVirtualHost(virtualHost)));
    const args = ["--mode", "validate", "-c", file, "--log-level", "critical"];
    const { success } = await new Deno.Command(binary, { args }).output();
    const found = check("envoy.config.route.v3.VirtualHost", virtualHost);
    return { envoy: success, ours: found.length === 0 };
  } finally {
    await Deno.remove(file);
  }
}

for (const [name, virtualHost] of Object.entries(virtualHosts)) {
  Deno.test(`check agrees with Envoy: ${name}`, async () => {
    const { envoy, ours } = await verdicts(virtualHost);
    assert.equal(ours, envoy);
  });
}
