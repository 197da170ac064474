/** Every kind of limit, asked through a real Envoy. */
import assert from "node:assert/strict";
import { layouts } from "../../../../tests/support/gateway.ts";
import { eventually } from "../../../../tests/support/wait.ts";
import { policy, proxy, type Stage, startStage } from "./stage.ts";

/** A host of its own for each case. */
const cases: Readonly<Record<string, { readonly limits: string; readonly prefixes?: string[] }>> = {
  plain: { limits: "[{name: all, requests: 2, unit: hour}]" },
  header: { limits: "[{requests: 1, unit: hour, by: {requestHeaders: [X-User]}}]" },
  keyed: { limits: "[{requests: 1, unit: hour, by: {requestHeaders: [x-user]}, missing: pass}]" },
  client: { limits: "[{requests: 1, unit: hour, by: {clientAddress: {}}}]" },
  net: { limits: "[{requests: 1, unit: hour, by: {clientAddress: {ipv4Prefix: 24}}}]" },
  path: { limits: "[{requests: 1, unit: hour, by: {path: true, method: true}}]" },
  query: { limits: "[{requests: 1, unit: hour, by: {queryParameters: [q]}}]" },
  routes: { limits: "[{requests: 1, unit: hour, by: {route: true}}]", prefixes: ["/", "/a", "/b"] },
  shadow: { limits: "[{requests: 1, unit: hour, shadow: true}]" },
  none: { limits: "[{requests: 0, unit: second}]" },
  several: {
    limits: "[{name: day, requests: 3, unit: day}, " +
      "{name: user, requests: 1, unit: hour, by: {requestHeaders: [x-user]}}]",
  },
  when: {
    limits: "[{requests: 1, unit: hour, when: {methods: [POST, PUT], paths: [{prefix: /a}, " +
      "{exact: /b}], requestHeaders: [{name: x-kind, pattern: 'big|huge'}], " +
      "queryParameters: [{name: q, present: true}], clientAddresses: [127.0.0.0/24]}}]",
  },
  except: {
    limits: "[{requests: 1, unit: hour, except: {clientAddresses: [127.9.0.0/16, '::1'], " +
      "requestHeaders: [{name: x-inside, equals: 'yes'}], paths: [{prefix: /health}]}}]",
  },
  number: { limits: "[{requests: 10, unit: hour, cost: {number: 4}}]" },
  priced: {
    limits: "[{requests: 10, unit: hour, cost: {requestHeader: {name: x-cost, otherwise: 2}}}]",
  },
  tokens: {
    limits: "[{requests: 10, unit: year, by: {requestHeaders: [x-user]}, " +
      "cost: {responseHeader: {name: x-tokens}}}]",
  },
  bytes: { limits: "[{requests: 100, unit: year, cost: {responseBytes: true}}]" },
  busy: { limits: "[{concurrent: 2, by: {requestHeaders: [x-user]}}]" },
};

const documents = Object.entries(cases).flatMap(([name, { limits, prefixes = ["/"] }]) => [
  proxy(name, { prefixes }),
  policy(name, `{kind: HTTPProxy, name: ${name}}`, limits),
]);

for (const layout of layouts) {
  Deno.test(`${layout}: each kind of limit counts what it is about`, async (test) => {
    await using stage = await startStage({ layout, settings: { headers: { rule: true } } });
    await stage.apply(...documents);
    assert.deepEqual(stage.complaints(), []);
    for (const [name, check] of Object.entries(checks)) {
      await test.step(name, () => check(stage));
    }
    assert.deepEqual(stage.complaints(), []);
  });
}

const checks: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async "all together, and what clients are told"({ ask, statuses }) {
    assert.deepEqual(await statuses(3, { host: "plain.test" }), [200, 200, 429]);
    const { headers } = await ask({ host: "plain.test" });
    assert.equal(headers["x-ratelimit-rule"], "default/plain/all");
    assert.equal(headers["x-ratelimit-limit"], '2, 2;w=3600;name="default/plain/all"');
    assert.equal(headers["x-ratelimit-remaining"], "0");
    assert.ok(Number(headers["retry-after"]) > 1_000, JSON.stringify(headers));
    const other = await ask({ host: "header.test", headers: { "x-user": "told" } });
    assert.equal(other.headers["x-ratelimit-limit"], '1, 1;w=3600;name="default/header/1"');
    assert.equal(other.headers["retry-after"], undefined);
  },

  async "by header"({ statuses }) {
    const user = (name: string) => ({ host: "header.test", headers: { "x-user": name } });
    assert.deepEqual(await statuses(2, user("a")), [200, 429]);
    assert.deepEqual(await statuses(2, user("b")), [200, 429]);
    // Without the header they share a counter, or are not limited.
    assert.deepEqual(await statuses(2, { host: "header.test" }), [200, 429]);
    assert.deepEqual(await statuses(2, { host: "keyed.test" }), [200, 200]);
    const keyed = { host: "keyed.test", headers: { "x-user": "a" } };
    assert.deepEqual(await statuses(2, keyed), [200, 429]);
  },

  async "by address"({ statuses }) {
    const client = (from: string, host: string) => statuses(2, { host, from });
    assert.deepEqual(await client("127.0.0.2", "client.test"), [200, 429]);
    assert.deepEqual(await client("127.0.0.3", "client.test"), [200, 429]);
    assert.deepEqual(await client("127.0.0.2", "net.test"), [200, 429]);
    assert.deepEqual(await client("127.0.0.3", "net.test"), [429, 429]);
    assert.deepEqual(await client("127.0.1.3", "net.test"), [200, 429]);
  },

  async "by path and method"({ statuses }) {
    const path = (path: string, method = "GET") => statuses(2, { host: "path.test", path, method });
    assert.deepEqual(await path("/a?x=1"), [200, 429]);
    assert.deepEqual(await path("/a?x=2"), [429, 429]);
    assert.deepEqual(await path("/b"), [200, 429]);
    assert.deepEqual(await path("/b", "POST"), [200, 429]);
  },

  async "by parameter"({ statuses }) {
    const query = (path: string) => statuses(2, { host: "query.test", path });
    assert.deepEqual(await query("/?q=1"), [200, 429]);
    assert.deepEqual(await query("/other?q=2"), [200, 429]);
    assert.deepEqual(await query("/"), [200, 429]);
  },

  async "by rule"({ statuses }) {
    const route = (path: string) => statuses(2, { host: "routes.test", path });
    assert.deepEqual(await route("/a/1"), [200, 429]);
    assert.deepEqual(await route("/a/2"), [429, 429]);
    assert.deepEqual(await route("/b"), [200, 429]);
    assert.deepEqual(await route("/"), [200, 429]);
  },

  async "shadow, and nothing at all"({ ask, statuses }) {
    assert.deepEqual(await statuses(3, { host: "shadow.test" }), [200, 200, 200]);
    assert.equal((await ask({ host: "shadow.test" })).headers["x-ratelimit-remaining"], "0");
    assert.deepEqual(await statuses(2, { host: "none.test" }), [429, 429]);
  },

  async "several: the first that is used up"({ ask, statuses }) {
    const user = (name: string) => ({ host: "several.test", headers: { "x-user": name } });
    assert.deepEqual(await statuses(2, user("a")), [200, 429]);
    const { headers } = await ask(user("a"));
    assert.equal(headers["x-ratelimit-rule"], "default/several/user");
    // What is refused by one was counted by the other.
    assert.equal((await ask(user("b"))).headers["x-ratelimit-rule"], "default/several/day");
  },

  async "only where conditions hold"({ ask, statuses }) {
    const meant = {
      host: "when.test",
      method: "POST",
      path: "/a/1?q",
      headers: { "x-kind": "big" },
    };
    const others = [
      { ...meant, method: "GET" },
      { ...meant, path: "/ab?q" },
      { ...meant, path: "/b/1?q" },
      { ...meant, path: "/a" },
      { ...meant, headers: { "x-kind": "bigger" } },
      { ...meant, from: "127.0.1.1" },
    ];
    assert.deepEqual(await statuses(2, meant), [200, 429]);
    assert.deepEqual(await statuses(1, { ...meant, path: "/b?q=2" }), [429]);
    for (const other of others) {
      assert.equal((await ask(other)).status, 200, JSON.stringify(other));
    }
  },

  async "not for whom it is not meant"({ statuses }) {
    const host = "except.test";
    assert.deepEqual(await statuses(2, { host }), [200, 429]);
    assert.deepEqual(await statuses(2, { host, from: "127.9.3.1" }), [200, 200]);
    assert.deepEqual(await statuses(2, { host, headers: { "x-inside": "yes" } }), [200, 200]);
    assert.deepEqual(await statuses(2, { host, path: "/health/live" }), [200, 200]);
    assert.deepEqual(await statuses(2, { host, headers: { "x-inside": "no" } }), [429, 429]);
  },

  async "cost that the policy or a request names"({ statuses }) {
    assert.deepEqual(await statuses(3, { host: "number.test" }), [200, 200, 429]);
    const priced = (cost?: string) => ({
      host: "priced.test",
      headers: cost === undefined ? {} : { "x-cost": cost },
    });
    assert.deepEqual(await statuses(1, priced("5")), [200]);
    assert.deepEqual(await statuses(1, priced("6")), [429]);
    assert.deepEqual(await statuses(1, priced()), [200]);
    // What is no number costs what nothing costs.
    assert.deepEqual(await statuses(1, priced("-5")), [200]);
    assert.deepEqual(await statuses(2, priced("1")), [200, 429]);
  },

  async "cost that a response names"({ ask }) {
    const used = (user: string, tokens?: number) => {
      const reply = tokens === undefined ? {} : { "x-backend-reply": `x-tokens=${tokens}` };
      return ask({ host: "tokens.test", headers: { "x-user": user, ...reply } });
    };
    const remaining = async (user: string) => (await used(user)).headers["x-ratelimit-remaining"];
    assert.equal((await used("a", 7)).status, 200);
    await eventually("the cost is counted", async () => await remaining("a") === "3");
    assert.equal(await remaining("b"), "10");
    // The last one may cost more than is left.
    assert.equal((await used("a", 7)).status, 200);
    await eventually("nothing is left", async () => (await used("a", 1)).status === 429);
    assert.equal((await used("b")).status, 200);
    await eventually(
      "the size of responses is counted",
      async () => (await ask({ host: "bytes.test" })).status === 429,
    );
  },

  async "as many as are under way"({ ask, backend }) {
    const slow = () =>
      ask({ host: "busy.test", headers: { "x-user": "a", "x-backend-delay": "500" } });
    const quick = async (user: string) =>
      (await ask({ host: "busy.test", headers: { "x-user": user } })).status;
    const begun = [slow(), slow()];
    await eventually(
      "two are under way",
      () => backend.received.filter(({ host }) => host === "busy.test").length === 2,
    );
    assert.equal(await quick("a"), 429);
    assert.equal(await quick("b"), 200);
    assert.deepEqual((await Promise.all(begun)).map(({ status }) => status), [200, 200]);
    await eventually("they are done", async () => await quick("a") === 200);
  },
};
