/** Random hosts and random requests: Envoy's choice is that of the evaluator behind `explain`. */
import assert from "node:assert/strict";
import { layouts, type Question, startGateway } from "../support/gateway.ts";
import { documents, ingress, ingressRule, service } from "./manifest.ts";
import { Random } from "./random.ts";

const hostCount = 40;
const ingressCount = 25;
const requestCount = 1_000;

Deno.test("random requests go where the evaluator says, and to the same place in both layouts", async (t) => {
  const random = new Random(20_261);
  const manifest = documents(
    service("nobody", []),
    ...Array.from({ length: hostCount }, (_, i) => host(random, i)),
    ...Array.from({ length: ingressCount }, (_, i) => randomIngress(random, i)),
  );
  const questions = Array.from({ length: requestCount }, () => request(random));
  const answers: (readonly string[])[] = [];
  for (const layout of layouts) {
    await t.step(layout, async () => {
      await using gateway = await startGateway({ layout, manifest });
      const given: string[] = [];
      for (const question of questions) {
        const { status, body } = await gateway.ask(question);
        given.push(`${status} ${body}`);
      }
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
      answers.push(given);
    });
  }
  const [scoped = [], flat] = answers;
  assert.deepEqual(scoped, flat);
  // The requests are no use when most of them find nothing.
  const found = new Set(scoped.filter((answer) => answer.startsWith("200")));
  assert.ok(found.size > 60, `only ${found.size} rules were asked for`);
  const unavailable = scoped.filter((answer) => answer.startsWith("503")).length;
  assert.ok(unavailable > 50, `only ${unavailable} requests went to a rule of an Ingress`);
});

/** Half of them with an include, so that conditions are put together from two places. */
function host(random: Random, index: number): string {
  const fqdn = fqdns[index] ?? `h${index}.test`;
  const name = `host-${index}`;
  const child = `child-${index}`;
  const include = random.chance(50) ? [{ name: child, conditions: includeConditions(random) }] : [];
  const proxyOf = (name: string, spec: unknown) =>
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name },
      spec,
    });
  const routes = [route(random, name, 0), ...random.list(7, (i) => route(random, name, i + 1))];
  return documents(
    proxyOf(name, { virtualhost: { fqdn }, includes: include, routes }),
    proxyOf(child, { routes: [0, 1, 2].map((i) => route(random, child, i)) }),
  );
}

/** Rules for hosts that HTTPProxies have, that none has, and for all others; nobody is behind them. */
function randomIngress(random: Random, index: number): string {
  const rules = random.list(4, () =>
    ingressRule(
      random.pick([undefined, "z", "*.z", ...fqdns, `h${random.below(hostCount)}.test`]),
      ...random.list(4, () => [ingressPath(random), "nobody"] as const),
    ));
  return ingress(`ingress-${index}`, rules, {
    creationTimestamp: `202${random.below(10)}-01-01T00:00:00Z`,
  });
}

function ingressPath(random: Random): Parameters<typeof ingressRule>[1][0] {
  switch (random.below(4)) {
    case 0:
      return `Exact ${random.pick(paths)}`;
    case 1:
      return `ImplementationSpecific ${
        random.pick(["/[ab]", "/a/.*", "/a+/b", "/a", "/a/", "/b"])
      }`;
    default:
      return `Prefix ${random.pick(paths)}`;
  }
}

const fqdns: readonly string[] = [
  "*.test",
  "*.h1.test",
  "*.b.h1.test",
  "a.h1.test",
  "test",
  "h1.test",
];

function route(random: Random, name: string, index: number): unknown {
  return {
    conditions: conditions(random),
    directResponsePolicy: { statusCode: 200, body: `${name} ${index}` },
  };
}

/** No two of a list about one header or parameter: they could contradict each other. */
function conditions(random: Random): unknown[] {
  const path = random.chance(85) ? [pathCondition(random)] : [];
  const headers = ["x-a", "X-B", ":method", ":authority"].filter(() => random.chance(15));
  const parameters = ["q", "Q", "r"].filter(() => random.chance(15));
  const others = [
    ...headers.map((name) => headerCondition(random, name)),
    ...parameters.map((name) => queryCondition(random, name)),
  ];
  return random.chance(50) ? [...path, ...others] : [...others, ...path];
}

function includeConditions(random: Random): unknown[] {
  const headers = ["x-c"].filter(() => random.chance(30));
  return [
    { prefix: random.pick(["/a", "/b", "/a/b", "/"]) },
    ...headers.map((name) => headerCondition(random, name)),
  ];
}

function pathCondition(random: Random): unknown {
  switch (random.below(4)) {
    case 0:
      return { exact: random.pick(paths) };
    case 1:
      return { regex: random.pick(["/[ab]", "/a/.*", "/(a|b)/[a-z]+", "/.*/b", "/a+/?b?", "/.+"]) };
    default:
      return { prefix: random.pick(["/", "/a", "/a/", "/a/b", "/b", "/ab", "/a//b"]) };
  }
}

function headerCondition(random: Random, name: string): unknown {
  const text = random.pick(values);
  const ignoreCase = random.chance(30);
  const treatMissingAsEmpty = random.chance(30);
  const test = random.pick<object>([
    { present: true },
    { notpresent: true },
    { contains: text, ignoreCase },
    { notcontains: text, ignoreCase, treatMissingAsEmpty },
    { exact: text, ignoreCase },
    { notexact: text, ignoreCase, treatMissingAsEmpty },
    { regex: random.pick(["[a-z]+", "a.*", "(?i)B+", "GET|PUT"]) },
  ]);
  return { header: { name, ...test } };
}

function queryCondition(random: Random, name: string): unknown {
  const text = random.pick(values);
  const ignoreCase = random.chance(30);
  const test = random.pick<object>([
    { present: true },
    { exact: text, ignoreCase },
    { prefix: text, ignoreCase },
    { suffix: text, ignoreCase },
    { contains: text, ignoreCase },
    { regex: random.pick(["[a-z]*", "a.*", "%20|b"]) },
  ]);
  return { queryParameter: { name, ...test } };
}

function request(random: Random): Question {
  const query = random.list(3, () => {
    const name = random.pick(["q", "Q", "r"]);
    return random.chance(20) ? name : `${name}=${random.pick(values)}`;
  });
  const headers = random.list(3, (): [string, string] => [
    random.pick(["x-a", "x-b", "x-c"]),
    random.pick(values),
  ]);
  const path = random.pick([...paths, ...oddPaths]);
  return {
    method: random.pick(["GET", "GET", "PUT", "DELETE"]),
    host: requestHost(random),
    path: query.length === 0 ? path : `${path}?${query.join("&")}`,
    headers: Object.fromEntries(headers),
  };
}

function requestHost(random: Random): string {
  const name = random.chance(30)
    ? random.pick([
      "x.h1.test",
      "x.b.h1.test",
      "a.h1.test",
      "h1.test",
      "test",
      "y.x.h1.test",
      "z",
      "a.z",
    ])
    : `h${random.below(hostCount)}.test`;
  const cased = random.chance(15) ? name.toUpperCase() : name;
  return random.chance(15) ? `${cased}:8080` : cased;
}

const values = ["a", "A", "ab", "B", "aab", "GET", "%20", "test"] as const;
const paths = ["/", "/a", "/a/", "/a/b", "/ab", "/b", "/b/a", "/a/b/c"] as const;
const oddPaths = [
  "//a",
  "/a//b",
  "/a/./b",
  "/a/../b",
  "/x/..",
  "/a/%2e%2e/b",
  "/A",
  "/a%2Fb",
] as const;
