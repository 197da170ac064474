import assert from "node:assert/strict";
import { check, encode } from "../../../proto/mod.ts";
import { compile } from "../configuration/compile.ts";
import { lookUp } from "../configuration/lookup.ts";
import { type LimitSides, limitSides } from "./limit_sides.ts";
import { RateLimitSettings } from "./settings.ts";
import type { Message } from "./step.ts";
import { type Random, randomLimit, seeded } from "./tests/random_limit.ts";

const perRoute = "envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute";
const place = { host: "shop.test", route: "HTTPProxy/default/shop /" };

function sidesOf(limit: unknown): LimitSides {
  const [parsed] = RateLimitSettings.parse({ limits: [limit] }).limits;
  assert.ok(parsed !== undefined);
  return limitSides(parsed, 0, "default/shop", place);
}

Deno.test("a limit from both sides", () => {
  const { rateLimits, descriptors } = sidesOf({
    name: "search",
    requests: 100,
    unit: "minute",
    by: { clientAddress: { ipv4Prefix: 24 }, requestHeaders: ["X-User"] },
    when: { methods: ["GET"] },
  });
  assert.deepEqual(rateLimits, [{
    actions: [
      { genericKey: { descriptorKey: "limit", descriptorValue: "default/shop/search" } },
      {
        headerValueMatch: {
          descriptorKey: "when",
          descriptorValue: "yes",
          headers: [{ name: ":method", stringMatch: { exact: "GET" } }],
          expectMatch: { value: true },
        },
      },
      {
        maskedRemoteAddress: { v4PrefixMaskLen: { value: 24 }, v6PrefixMaskLen: { value: 64 } },
      },
      {
        requestHeaders: {
          headerName: "x-user",
          descriptorKey: "header:x-user",
          skipIfAbsent: true,
        },
      },
    ],
  }]);
  const rate_limit = { name: "default/shop/search", requests_per_unit: 100, unit: "minute" };
  assert.deepEqual(descriptors, [{
    key: "limit",
    value: "default/shop/search",
    descriptors: [{
      key: "when",
      value: "yes",
      descriptors: [{
        key: "masked_remote_address",
        rate_limit,
        descriptors: [{ key: "header:x-user", rate_limit }],
      }],
    }],
  }]);
});

Deno.test("whatever Envoy sends of a request, the service knows the limit of it", () => {
  const random = seeded(7);
  for (let round = 0; round < 500; round++) {
    const limits = Array.from({ length: 1 + random(4) }, () => randomLimit(random));
    const parsed = RateLimitSettings.safeParse({ limits });
    assert.ok(parsed.success, JSON.stringify([limits, parsed.error?.issues]));
    const all = parsed.data.limits.map((limit, i) =>
      limitSides(limit, i, `default/policy-${i % 2}`, place)
    );
    const rateLimits = all.flatMap((sides) => sides.rateLimits);
    assert.deepEqual(check(perRoute, { rateLimits }), []);
    encode(perRoute, { rateLimits });
    const { domains, problems } = compile([{
      name: "policies",
      configuration: { domain: "d", descriptors: all.flatMap(({ descriptors }) => descriptors) },
    }], { algorithm: "gcra", mergeDomains: true, nearLimitRatio: 0.8 });
    assert.deepEqual(problems, []);
    const domain = domains.get("d");
    assert.ok(domain !== undefined);
    const counters = new Map<string, number>();
    for (const [i, { rateLimits }] of all.entries()) {
      const name = `default/policy-${i % 2}/${i + 1}`;
      for (const sent of rateLimits) {
        for (let times = 0; times < 4; times++) {
          const entries = entriesOf(sent, random);
          const found = lookUp(domain, entries);
          assert.equal(found?.limit.name, name, JSON.stringify(entries));
          const before = counters.get(found.counterKey) ?? i;
          assert.equal(before, i, `two limits count together: ${found.counterKey}`);
          counters.set(found.counterKey, i);
        }
      }
    }
  }
});

Deno.test("all questions about a request are counted together", () => {
  const costs = [
    { requests: 9, cost: { requestHeader: { name: "x-cost" } }, unit: "hour" },
    { requests: 9, cost: { responseHeader: { name: "x-cost" } }, unit: "hour" },
    { requests: 9, cost: { responseBytes: true }, unit: "hour" },
    { concurrent: 9 },
  ];
  for (const limit of costs) {
    const { rateLimits } = sidesOf({ ...limit, by: { requestHeaders: ["a"], jwtClaims: ["b"] } });
    assert.equal(rateLimits.length, 2);
    const [first, second] = rateLimits.map((sent) => entriesOf(sent, seeded(1)));
    assert.deepEqual(first, second);
  }
});

Deno.test("the order of a list does not matter", () => {
  const by = (requestHeaders: readonly string[]) =>
    sidesOf({ requests: 1, unit: "hour", by: { requestHeaders } });
  assert.deepEqual(by(["b", "A", "b"]), by(["a", "b"]));
});

Deno.test("what makes no sense is told", () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [{}, "limits.0: must have one of requests and concurrent"],
    [{ requests: 1, concurrent: 1 }, "limits.0: must have one of requests and concurrent"],
    [{ requests: 1 }, "limits.0: must have a unit"],
    [{ concurrent: 1, unit: "hour" }, "limits.0.unit: has no meaning with concurrent"],
    [
      { requests: 1, unit: "hour", burst: 2, algorithm: "fixed_window" },
      "limits.0.burst: has no meaning for fixed_window",
    ],
    [
      { requests: 1, unit: "hour", algorithm: "gcra", cost: { responseBytes: true } },
      "limits.0.algorithm: must be fixed_window, since the cost is known after the response",
    ],
    [
      { concurrent: 1, when: { paths: [{ prefix: "/a" }] } },
      "limits.0.when.paths: must not be used by a limit that is told when requests are done: " +
      "routes may have rewritten it by then",
    ],
    [
      { requests: 1, unit: "hour", cost: { number: 1, responseBytes: true } },
      "limits.0.cost: must have one of number, requestHeader, responseHeader and responseBytes",
    ],
    [
      { requests: 1, unit: "hour", except: { clientAddresses: ["10.0.0.0/33"] } },
      "limits.0.except.clientAddresses.0: must be an address or a range of them: " +
      "10.0.0.0/8, 2001:db8::/32",
    ],
    [
      { requests: 1, unit: "hour", when: { requestHeaders: [{ name: "a", pattern: "(" }] } },
      "limits.0.when.requestHeaders.0.pattern: must be a regular expression of RE2: " +
      "error parsing regexp: missing closing ): `(`",
    ],
    [
      {
        requests: 1,
        unit: "hour",
        when: { requestHeaders: [{ name: "a", pattern: "[a-z]{1000}".repeat(40) }] },
      },
      "limits.0.when.requestHeaders.0.pattern: must be simpler: it comes to about 40000 steps, " +
      "more than 1000",
    ],
    [
      { requests: 1, unit: "hour", by: { requestHeaders: ["x-contour-scope"] } },
      "limits.0.by.requestHeaders.0: must not start with x-contour-, which is for our own use",
    ],
    [
      { requests: 1, unit: "hour", by: { requestHeaders: ["a", "b", "c"], jwtClaims: ["d", "e"] } },
      "limits.0.by: must not have more than four headers, parameters and claims",
    ],
  ];
  for (const [limit, message] of wrong) {
    const { error } = RateLimitSettings.safeParse({ limits: [limit] });
    const [issue] = error?.issues ?? [];
    assert.equal(`${issue?.path.join(".")}: ${issue?.message}`, message);
  }
  const twice = RateLimitSettings.safeParse({
    limits: [{ name: "2", requests: 1, unit: "hour" }, { requests: 1, unit: "hour" }],
  });
  assert.match(String(twice.error?.issues[0]?.message), /another name/);
});

/** What Envoy might send for a RateLimit, of a request that has what it wants, or lacks it. */
function entriesOf({ actions }: Message, random: Random): { key: string; value: string }[] {
  return (actions as readonly Message[]).flatMap((action) => {
    const [kind] = Object.keys(action);
    const part = action[kind ?? ""] as Message;
    const typed = kind === "extension" ? part["typedConfig"] as Message : part;
    const { descriptorKey, descriptorValue, skipIfAbsent, skipIfError } = typed;
    const key = kind === "maskedRemoteAddress" ? "masked_remote_address" : String(descriptorKey);
    if ((skipIfAbsent ?? skipIfError) === true && random(2) === 0) return [];
    return [{ key, value: String(descriptorValue ?? nasty[random(nasty.length)]) }];
  });
}

const nasty = ["", "a", "*", "_", "a_b", "yes", "b|c", "x%5Fy", "header:x-user", "ä", "limit"];
