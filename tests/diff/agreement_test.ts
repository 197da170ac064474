/**
 * What `diff` lists really changes in a real Envoy loaded with each side, and what it does not list does
 * not: for random worlds and edits of them. CONTOUR_DIFF_PAIRS=3000 tries more.
 */
import assert from "node:assert/strict";
import { keyId, keyOf, type KubeObject } from "../../controller/api/mod.ts";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { matchHost, type Request } from "../../controller/graph/mod.ts";
import { Diff, type RequestClass, type RulePlace } from "../../diff/mod.ts";
import { documents, service, tlsSecret } from "../e2e/manifest.ts";
import { type Answer, answersTo, type ModelRequest } from "../random/model/answers.ts";
import { worldOf } from "../random/model/rules.ts";
import { serviceNames } from "../random/request_world.ts";
import { type Backend, startBackend } from "../support/backend.ts";
import { type Gateway, objectsOf, startGateway } from "../support/gateway.ts";
import { inParallel } from "../support/in_parallel.ts";
import { Random } from "../support/world/random.ts";
import {
  type AskedOfBoth,
  observe,
  type Observed,
  type RouteTable,
  routeTable,
} from "./observed.ts";
import {
  certifiedNames,
  namespacesIn,
  requestIn,
  type WorldPair,
  worldPair,
} from "./world_pair.ts";

const pairCount = Number(Deno.env.get("CONTOUR_DIFF_PAIRS") ?? 300);
const pairsAtOnce = 50;
/** Random requests to a pair that a model of its own answers, and how many of those Envoy has to. */
const modelled = 190;
const sentToEnvoy = 14;

interface Tried extends WorldPair {
  readonly serial: number;
  readonly diff: Diff;
  readonly objects: {
    readonly before: readonly KubeObject[];
    readonly after: readonly KubeObject[];
  };
}

Deno.test("what diff lists changes in Envoy, and nothing else does", async () => {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const backends: Backend[] = [];
  for (const name of ["s0", "s1", "s2"]) backends.push(await startBackend({ name }));
  const ground = new Map(backends.map(({ name }) => [name, name]));
  await using before = await startGateway({ layout: "scoped", manifest: "" });
  await using after = await startGateway({ layout: "scoped", manifest: "" });
  const counts = { classes: 0, shown: 0, outside: 0, asked: 0, changedPairs: 0, inexact: 0 };
  const wrong: unknown[] = [];
  for (let first = 0; first < pairCount; first += pairsAtOnce) {
    const serials = Array.from(
      { length: Math.min(pairsAtOnce, pairCount - first) },
      (_, i) => first + i,
    );
    const certificate = await authority.issue({
      dnsNames: serials.flatMap(certifiedNames),
      validity,
      algorithm: "ecdsa",
    });
    const tried = serials.map((serial): Tried => {
      const pair = worldPair(new Random(20_300_000 + serial), serial);
      const always = objectsOf(documents(
        ...namespacesIn(serial).flatMap((namespace) => [
          tlsSecret("certificate", certificate, { namespace }),
          ...serviceNames.map((name) =>
            service(name, backends.filter((backend) => backend.name === name), { namespace })
          ),
        ]),
      ));
      const objects = {
        before: [...pair.before, ...always],
        after: [...pair.after, ...always],
      };
      const diff = new Diff({ objects: objects.before }, { objects: objects.after }, {
        strictRefs: true,
      });
      return { ...pair, serial, diff, objects };
    });
    await Promise.all([
      replace(before, tried.flatMap(({ objects }) => objects.before)),
      replace(after, tried.flatMap(({ objects }) => objects.after)),
    ]);
    const tables = { before: await routeTable(before), after: await routeTable(after) };
    const both = async (asked: AskedOfBoth) => {
      const [a, b] = await Promise.all([
        observe(before, asked, authority.certificate),
        observe(after, asked, authority.certificate),
      ]);
      return { a, b };
    };
    const listed = tried.flatMap((one) => {
      const { hosts, summary } = one.diff.report;
      if (hosts.length > 0) counts.changedPairs++;
      counts.inexact += summary.inexactHosts;
      return hosts.flatMap(({ fqdn, classes }) => classes.map((each) => ({ one, fqdn, each })));
    });
    await inParallel(listed, 24, async ({ one, each }) => {
      const asked = askedOf(each);
      const { a, b } = await both(asked);
      counts.classes++;
      const problem = listedProblem(each, asked, { a, b, tables, diff: one.diff });
      if (problem === "shown") counts.shown++;
      else if (problem !== undefined) {
        wrong.push({ serial: one.serial, edits: one.edits, problem, class: each, a, b });
      }
    });
    await inParallel(tried, 4, async (one) => {
      const random = new Random(20_310_000 + one.serial);
      const worlds = {
        before: worldOf(one.objects.before),
        after: worldOf(one.objects.after),
      };
      const outside: ModelRequest[] = [];
      for (let i = 0; i < modelled; i++) {
        const question = requestIn(one.serial, random, one);
        if (one.diff.classesOf(requestOf(question)).length > 0) continue;
        outside.push(question);
        const expected = answers(worlds.before, ground, question);
        if (expected.isDisjointFrom(answers(worlds.after, ground, question))) {
          wrong.push({ serial: one.serial, edits: one.edits, question, problem: "model differs" });
        }
      }
      counts.outside += outside.length;
      await inParallel(chosen(outside, one).slice(0, sentToEnvoy), 6, async (question) => {
        const { address: _, ...asked } = question;
        const { a, b } = await both(asked);
        counts.asked++;
        const problem = outsideProblem(asked, { a, b, tables, diff: one.diff });
        if (problem !== undefined) {
          wrong.push({ serial: one.serial, edits: one.edits, problem, question, a, b });
        }
      });
    });
  }
  assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} are not as diff says`);
  assert.equal(counts.inexact, 0);
  assert.ok(counts.changedPairs >= pairCount * 0.7, `only ${counts.changedPairs} pairs differ`);
  assert.ok(counts.classes >= pairCount * 3, `only ${counts.classes} classes`);
  assert.ok(counts.shown >= counts.classes / 2, `only ${counts.shown} show in answers`);
  assert.ok(counts.outside >= pairCount * 167, `only ${counts.outside} requests outside`);
  assert.ok(counts.asked >= pairCount * 11, `only ${counts.asked} requests to Envoy`);
  assert.deepEqual([...before.controller.refusals, ...after.controller.refusals], []);
  for (const backend of backends) await backend[Symbol.asyncDispose]();
});

/** One request for each pair of rules, edited objects first: those are worth most. Then the others. */
function chosen(
  questions: readonly ModelRequest[],
  { diff, before, after }: Tried,
): readonly ModelRequest[] {
  const texts = new Set(before.map((object) => JSON.stringify(object)));
  const edited = new Set(
    after.filter((object) => !texts.has(JSON.stringify(object))).map((one) => keyId(keyOf(one))),
  );
  const ranks = questions.map((question) => {
    const rules = [diff.sides.before, diff.sides.after].map((side) =>
      side.answer(requestOf(question)).rule?.origin
    );
    const isNear = rules.some((rule) => rule !== undefined && edited.has(keyId(rule.object)));
    return { question, isNear, key: JSON.stringify(rules) };
  });
  const seen = new Set<string>();
  const isFirst = ({ key }: { readonly key: string }) =>
    !seen.has(key) && seen.add(key) !== undefined;
  const near = ranks.filter(({ isNear }) => isNear).map((one) => ({
    ...one,
    isFirst: isFirst(one),
  }));
  const far = ranks.filter(({ isNear }) => !isNear).map((one) => ({
    ...one,
    isFirst: isFirst(one),
  }));
  return [...near, ...far].sort((a, b) => Number(b.isFirst) - Number(a.isFirst))
    .map(({ question }) => question);
}

/** All of what an Envoy serves, for other objects. */
async function replace(gateway: Gateway, objects: readonly KubeObject[]): Promise<void> {
  const names = new Set(objects.map((object) => keyId(keyOf(object))));
  const gone = (held.get(gateway) ?? []).map(keyOf).filter((key) => !names.has(keyId(key)));
  gateway.controller.apply({ applied: objects, deleted: gone });
  held.set(gateway, objects);
  await gateway.settled();
}

const held = new WeakMap<Gateway, readonly KubeObject[]>();

function askedOf({ witness: { method, url, headers } }: RequestClass): AskedOfBoth {
  const [, scheme = "", host = "", path = ""] = /^(https?):\/\/([^/]*)(.*)$/.exec(url) ?? [];
  return { method, host, path, headers, tls: scheme === "https" };
}

interface Seen {
  readonly a: Observed;
  readonly b: Observed;
  readonly tables: { readonly before: RouteTable; readonly after: RouteTable };
  readonly diff: Diff;
}

/** Why a class is not what it says; "shown" where the difference stands in the answer itself. */
function listedProblem(
  each: RequestClass,
  asked: AskedOfBoth,
  { a, b, tables, diff }: Seen,
): string | undefined {
  const hosts = hostsOf(diff, asked);
  if (each.path === "TLS") {
    const [x, y] = [
      tables.before.connection(hosts.before ?? ""),
      tables.after.connection(hosts.after ?? ""),
    ];
    return x === y ? "the connection is as before" : undefined;
  }
  const routes = [routeName(each.rules.before), routeName(each.rules.after)];
  if (routes[0] !== (a.route || "-") || routes[1] !== (b.route || "-")) return "another route";
  const isElsewhere = a.seen !== b.seen || a.route === "" !== (b.route === "");
  if (isElsewhere || isMove(each, a, b)) return "shown";
  const names = each.treatment.map(({ name }) => name);
  // Who is kept out, or finds no endpoint, is so on both sides.
  const isUnreachable = a.status === b.status && (a.status === 503 || a.status === 403);
  // Where chance decides, it may decide for what stays.
  const isByChance = `${each.before}${each.after}`.includes("%");
  const isVisible = (names.some((name) => visible.has(name)) && !isByChance) ||
    each.kind === "lost" || each.kind === "gained";
  if (isVisible && !isUnreachable) return "the same answer";
  return configOf(tables.before, hosts.before, asked.tls, a.route) ===
      configOf(tables.after, hosts.after, asked.tls, b.route)
    ? "the same configuration"
    : undefined;
}

const visible = new Set<string>(["path", "host", "request headers", "response headers"]);

/** Whether targets that have nothing in common gave the answers. */
function isMove({ kind, before, after }: RequestClass, a: Observed, b: Observed): boolean {
  const targets = (text: string) => new Set(text.split(", ").map((one) => one.split(" ")[0] ?? ""));
  const shared = targets(before).intersection(targets(after));
  return kind === "moved" && shared.size === 0 && a.backend !== b.backend;
}

function routeName(rule: RulePlace | undefined): string {
  return rule === undefined ? "-" : `${keyId(rule.object)}#${rule.path}`;
}

/** How a request that no class is about is treated otherwise all the same. */
function outsideProblem(
  asked: AskedOfBoth,
  { a, b, tables, diff }: Seen,
): string | undefined {
  if ((a.route === "") !== (b.route === "")) return "one of them has no TLS";
  if ((a.route === "-") !== (b.route === "-")) return "one of them has no route";
  if (a.route === "" || a.route === "-") return a.seen === b.seen ? undefined : "another answer";
  const hosts = hostsOf(diff, asked);
  const [x, y] = [
    tables.before.routes(hosts.before ?? "", asked.tls, a.route),
    tables.after.routes(hosts.after ?? "", asked.tls, b.route),
  ];
  const same = x.find(({ text }) => y.some((other) => other.text === text));
  if (same === undefined) return "another treatment";
  if (same.isShared) return undefined;
  return a.seen === b.seen && a.backend === b.backend ? undefined : "another answer";
}

function configOf(table: RouteTable, host: string | undefined, tls: boolean, route: string) {
  return table.routes(host ?? "", tls, route).map(({ whole }) => whole).join("\n");
}

/** The names under which both sides know the host of a request. */
function hostsOf({ sides }: Diff, { host, tls }: AskedOfBoth) {
  const of = (side: Diff["sides"]["before"]) =>
    matchHost(host, (name) => side.table(name, { tls })?.host.fqdn === name);
  return { before: of(sides.before), after: of(sides.after) };
}

function requestOf({ method, host, path, headers, tls }: ModelRequest): Request {
  const scheme = tls ? "https" : "http";
  return {
    method,
    authority: host,
    path,
    tls,
    headers: new Map([
      ...Object.entries(headers),
      ["x-forwarded-proto", scheme],
      [":scheme", scheme],
    ]),
  };
}

/** The answers that the model has for a request: more than one where weights or ties decide. */
function answers(
  world: ReturnType<typeof worldOf>,
  backends: ReadonlyMap<string, string>,
  request: ModelRequest,
): ReadonlySet<string> {
  const texts = answersTo({ world, backends }, request).map((answer: Answer) => {
    const { seen = {}, headers = {}, ...rest } = answer;
    const sorted = [seen, headers, rest].map((fields) => Object.entries(fields).sort());
    return JSON.stringify(sorted);
  });
  return new Set(texts);
}
