/**
 * Hosts made at random, and every request of a grid: what is converted sends it where ingress-nginx
 * did, with the path it made of it, or the report says of some path of the host that it does not.
 */
import assert from "node:assert/strict";
import { matchRoute, type VirtualHost } from "../../controller/graph/mod.ts";
import { defaultEnvoyOptions } from "../../controller/envoy/mod.ts";
import { defaultSettings } from "../../controller/store/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import { type Conversion, convert } from "../../convert/mod.ts";
import { Random } from "../e2e/random.ts";
import { documents, ingress, service } from "../e2e/manifest.ts";
import { objectsOf } from "../support/gateway.ts";

const count = 400;

Deno.test(`${count} random hosts: every difference is told`, () => {
  let [compared, told, exact] = [0, 0, 0];
  for (let seed = 0; seed < count; seed++) {
    const locations = randomLocations(new Random(seed));
    const conversion = convert([{ file: "in.yaml", text: documents(...locations.map(asIngress)) }]);
    const text = conversion.files.map(({ text }) => text).join("");
    const host = served(text);
    const differences = grid.flatMap((path) => {
      compared++;
      const expected = nginx(locations, path);
      const actual = ours(host, path);
      return expected === actual ? [] : [`${path}: ${expected} became ${actual}`];
    });
    if (differences.length === 0) exact++;
    else if (differences.every((difference) => isTold(conversion, difference))) told++;
    else {
      const given = locations.map((each) => `${each.name} ${JSON.stringify(each)}`).join("\n");
      assert.fail(`seed ${seed}\n${given}\n${differences.join("\n")}\n${text}`);
    }
  }
  assert.ok(exact > count / 2, `${exact} of ${count} hosts are exactly as before`);
  assert.ok(told > 0 && compared > 1000);
});

/** Differences of case do not show in this grid, so that they are no excuse. */
function isTold({ notes }: Conversion, difference: string): boolean {
  const names = difference.match(/\bs\d\b/g) ?? [];
  return notes.some(({ verdict, object, path, message }) =>
    (verdict === "approximated" || verdict === "lost") && path.startsWith("spec.rules") &&
    names.some((name) => object.endsWith(`/${name}`)) &&
    !/^the prefix is replaced; the case|^written as a prefix/.test(message)
  );
}

interface Location {
  readonly name: string;
  readonly path: string;
  readonly pathType: "Prefix" | "Exact" | "ImplementationSpecific";
  readonly useRegex: boolean;
  readonly rewriteTarget: string;
}

const plainPaths = ["/", "/a", "/a/", "/ab", "/a/b", "/a/b/", "/a.b", "/b", "/b/a"] as const;
const expressions: readonly [path: string, target: string][] = [
  ["/a(/|$)(.*)", "/$2"],
  ["/a(/|$)(.*)", "/x/$2"],
  ["/a/b(/|$)(.*)", "/$2"],
  ["/a/(.*)", "/$1"],
  ["/a/?(.*)", "/v2/$1"],
  ["/a(/.*)", "/v2/$1"],
  ["/a(.*)", "/v2$1"],
  ["/a[0-9]+", ""],
  ["/b/(.*)", "/y/$1"],
  ["/b(/.*)?", "/z$1"],
  ["/(.*)", "/all/$1"],
  ["/a.*b", ""],
  ["/[ab]+$", ""],
  ["/a", "/"],
  ["/(a|b)/(.*)", "/$2/$1"],
];

function randomLocations(random: Random): Location[] {
  const locations: Location[] = [];
  const wantsRegex = random.chance(60);
  for (let i = 0; i <= random.below(5); i++) {
    const isExpression = wantsRegex && random.chance(45);
    const [path, rewriteTarget] = isExpression
      ? random.pick(expressions as [[string, string], ...[string, string][]])
      : [random.pick(plainPaths), ""];
    const pathType = random.pick<Location["pathType"]>(
      isExpression ? ["ImplementationSpecific"] : ["Prefix", "Exact", "ImplementationSpecific"],
    );
    const isTaken = locations.some((each) =>
      each.path === path && (each.pathType === "Exact") === (pathType === "Exact")
    );
    if (isTaken) continue;
    // By age, so that no two are equal.
    locations.push({ name: `s${i}`, path, pathType, rewriteTarget, useRegex: isExpression });
  }
  return locations;
}

function asIngress({ name, path, pathType, useRegex, rewriteTarget }: Location): string {
  const prefix = "nginx.ingress.kubernetes.io";
  return ingress(name, [{
    host: "random.test",
    http: { paths: [{ path, pathType, backend: { service: { name, port: { number: 80 } } } }] },
  }], {
    ingressClassName: "nginx",
    creationTimestamp: `2024-01-01T00:00:0${name.slice(1)}Z`,
    annotations: {
      ...(useRegex ? { [`${prefix}/use-regex`]: "true" } : {}),
      ...(rewriteTarget === "" ? {} : { [`${prefix}/rewrite-target`]: rewriteTarget }),
    },
  });
}

const grid = [
  "",
  "a",
  "ab",
  "abc",
  "a/",
  "a/b",
  "a/b/",
  "a/b/c",
  "a/bc",
  "b",
  "b/",
  "b/a",
  "b/a/c",
  "ba",
  "c",
  "axb",
  "a.b",
  "a1",
  "ax/b",
]
  .map((path) => `/${path}`);

/** ingress-nginx as it is documented, written apart from the converter. */
function nginx(locations: readonly Location[], path: string): string {
  const isRegex = locations.some((each) =>
    each.useRegex || (each.rewriteTarget !== "" && each.rewriteTarget !== each.path)
  );
  if (isRegex) {
    const order = [...locations].sort((a, b) =>
      b.path.length - a.path.length || (a.path > b.path ? -1 : 1)
    );
    const found = order.find((each) => new RegExp(`^${each.path}`, "i").test(path));
    if (found === undefined) return "404";
    const match = new RegExp(`^${found.path}`, "i").exec(path) ?? [];
    const target = found.rewriteTarget === "" || found.rewriteTarget === found.path
      ? path
      : found.rewriteTarget.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? "");
    return `${found.name} ${target}`;
  }
  const exact = locations.find((each) => each.pathType === "Exact" && each.path === path);
  if (exact !== undefined) return `${exact.name} ${path}`;
  const isListed = locations.some((each) => each.path === path);
  if (!isListed && locations.some((each) => each.path === `${path}/`)) return `301 ${path}/`;
  const [longest] = locations.filter((each) => {
    const folder = each.path.endsWith("/") ? each.path : `${each.path}/`;
    return each.pathType !== "Exact" && (path === each.path || path.startsWith(folder));
  }).sort((a, b) => b.path.length - a.path.length);
  return longest === undefined ? "404" : `${longest.name} ${path}`;
}

function served(text: string): VirtualHost | undefined {
  const translation = new Translation({
    settings: defaultSettings,
    envoy: defaultEnvoyOptions,
    layout: "scoped",
  });
  const services = ["s0", "s1", "s2", "s3", "s4"].map((name) => service(name, []));
  translation.apply({ applied: objectsOf(documents(text, ...services)) });
  translation.settleNow();
  for (const { key, diagnostics } of translation.statuses.values()) {
    assert.deepEqual(diagnostics.map(({ message }) => `${key.name}: ${message}`), [], text);
  }
  return translation.host("random.test");
}

function ours(host: VirtualHost | undefined, path: string): string {
  if (host === undefined) return "404";
  const { route } = matchRoute(host, {
    method: "GET",
    authority: "random.test",
    path,
    headers: new Map(),
    tls: false,
  });
  if (route === undefined) return "404";
  const { action, match } = route;
  switch (action.kind) {
    case "redirect":
      return `${action.statusCode} ${action.path?.text}`;
    case "direct-response":
      return String(action.statusCode);
    case "forward": {
      const [target] = action.clusters;
      const rewritten = action.prefixRewrite !== undefined && match.path.kind === "prefix"
        ? action.prefixRewrite + path.slice(match.path.prefix.length)
        : path;
      return `${target?.cluster.service} ${rewritten}`;
    }
  }
}
