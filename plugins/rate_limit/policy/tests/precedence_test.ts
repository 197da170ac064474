/** Which limits count where: what is nearer, several at once, namespaces, and what becomes of edits. */
import assert from "node:assert/strict";
import { layouts } from "../../../../tests/support/gateway.ts";
import { policy, proxy, type Stage, startStage } from "./stage.ts";

const requests = (name: string, number: number) =>
  `[{name: ${name}, requests: ${number}, unit: hour}]`;
const to = (name: string, section = "") =>
  `{kind: HTTPProxy, name: ${name}${section === "" ? "" : `, sectionName: ${section}`}}`;

const documents = [
  // A host, a rule of it, and a rule without limits.
  proxy("near", { prefixes: ["/", "/search", "/login", "/free"] }),
  policy("near", to("near"), requests("host", 3)),
  policy("near-search", to("near", "/search"), requests("search", 1)),
  policy("near-login", to("near", "/login"), requests("login", 2), { inherit: true }),
  policy("near-free", to("near", "/free"), "[]"),
  // Several for one host.
  proxy("both"),
  policy("both-1", to("both"), requests("one", 3)),
  policy("both-2", to("both"), requests("two", 2)),
  // A policy for two hosts is one limit, unless it says otherwise.
  proxy("shared-1"),
  proxy("shared-2"),
  policy("shared", "{kind: HTTPProxy, name: shared-1}", requests("all", 2)).replace(
    "targetRef: {kind: HTTPProxy, name: shared-1}",
    "targetRefs: [{kind: HTTPProxy, name: shared-1}, {kind: HTTPProxy, name: shared-2}]",
  ),
  proxy("divided-1"),
  proxy("divided-2"),
  policy(
    "divided",
    "{kind: HTTPProxy, name: divided-1}",
    "[{requests: 2, unit: hour, by: {host: true}}]",
  ).replace(
    "targetRef: {kind: HTTPProxy, name: divided-1}",
    "targetRefs: [{kind: HTTPProxy, name: divided-1}, {kind: HTTPProxy, name: divided-2}]",
  ),
  // Equal names in two namespaces.
  proxy("team", { fqdn: "team-a.test" }),
  policy("team", to("team"), requests("limit", 2)),
  proxy("team", { namespace: "other", fqdn: "team-b.test" }),
  policy("team", to("team"), requests("limit", 2), { namespace: "other" }),
  // A namespace as a whole.
  proxy("wide-1", { namespace: "other" }),
  proxy("wide-2", { namespace: "other" }),
  policy("wide", "{kind: Namespace, name: other}", requests("wide", 3), { namespace: "other" }),
  // In the HTTPProxy itself, for a host of many names.
  proxy("field", {
    fqdn: "*.field.test",
    plugins: "    plugins: {rateLimit: {limits: [{requests: 2, unit: hour}]}}",
  }),
];

for (const layout of layouts) {
  Deno.test(`${layout}: what is nearer counts, and what is equally near together`, async (test) => {
    await using stage = await startStage({ layout, settings: { headers: { rule: true } } });
    await stage.apply(...documents);
    for (const [name, check] of Object.entries(checks)) {
      await test.step(name, () => check(stage));
    }
    assert.deepEqual(stage.complaints(), []);
  });
}

const checks: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async "a rule before its host"({ ask, statuses }) {
    const near = (path: string) => ({ host: "near.test", path });
    assert.deepEqual(await statuses(2, near("/search")), [200, 429]);
    assert.deepEqual(await statuses(5, near("/free")), [200, 200, 200, 200, 200]);
    assert.deepEqual(await statuses(1, near("/")), [200]);
    // Both limits count where the nearer one inherits.
    assert.deepEqual(await statuses(1, near("/login")), [200]);
    assert.deepEqual(await statuses(1, near("/login")), [200]);
    assert.deepEqual(await statuses(1, near("/")), [429]);
    assert.equal((await ask(near("/"))).headers["x-ratelimit-rule"], "default/near/host");
  },

  async "several at one place, and one at several"({ ask, statuses }) {
    assert.deepEqual(await statuses(3, { host: "both.test" }), [200, 200, 429]);
    const { headers } = await ask({ host: "both.test" });
    assert.match(headers["x-ratelimit-limit"] ?? "", /default\/both-1\/one.*default\/both-2\/two/);
    assert.deepEqual(await statuses(1, { host: "shared-1.test" }), [200]);
    assert.deepEqual(await statuses(2, { host: "shared-2.test" }), [200, 429]);
    assert.deepEqual(await statuses(1, { host: "shared-1.test" }), [429]);
    assert.deepEqual(await statuses(3, { host: "divided-1.test" }), [200, 200, 429]);
    assert.deepEqual(await statuses(3, { host: "divided-2.test" }), [200, 200, 429]);
  },

  async "namespaces by themselves, and as a whole"({ statuses }) {
    assert.deepEqual(await statuses(3, { host: "team-a.test" }), [200, 200, 429]);
    assert.deepEqual(await statuses(3, { host: "team-b.test" }), [200, 200, 429]);
    assert.deepEqual(await statuses(2, { host: "wide-1.test" }), [200, 200]);
    assert.deepEqual(await statuses(2, { host: "wide-2.test" }), [200, 429]);
  },

  async "hosts of many names"({ statuses }) {
    assert.deepEqual(await statuses(1, { host: "a.field.test" }), [200]);
    assert.deepEqual(await statuses(1, { host: "b.field.test" }), [200]);
    assert.deepEqual(await statuses(1, { host: "c.field.test:80" }), [429]);
  },

  async "edits keep what was counted"(stage) {
    const { statuses } = stage;
    const without = (name: string) =>
      documents.filter((document) => !document.includes(`{name: ${name}, namespace: default}`));
    const ofTeam = policy("team", to("team"), requests("limit", 5));
    // Two of five are used; what else there is does not matter.
    await stage.apply(...without("team"), proxy("team", { fqdn: "team-a.test" }), ofTeam);
    assert.deepEqual(await statuses(1, { host: "team-b.test" }), [429]);
    assert.deepEqual(await statuses(4, { host: "team-a.test" }), [200, 200, 200, 429]);
    await stage.apply(...without("team"), proxy("team", { fqdn: "team-a.test" }));
    assert.deepEqual(await statuses(7, { host: "team-a.test" }), Array(7).fill(200));
    // One of that name has come back.
    await stage.apply(...without("team"), proxy("team", { fqdn: "team-a.test" }), ofTeam);
    assert.deepEqual(await statuses(1, { host: "team-a.test" }), [429]);
  },
};
