/** What is said to cover another really takes its requests: tried with the matcher of the controller. */
import assert from "node:assert/strict";
import {
  matchRoute,
  type Route,
  type RouteMatch,
  type VirtualHost,
} from "../controller/graph/mod.ts";
import { covers } from "./matching.ts";

Deno.test("a match that covers another takes every request that the other does", () => {
  const random = generator(7);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const matches = Array.from({ length: 600 }, () => randomMatch(pick, random));
  const requests = Array.from({ length: 400 }, () => randomRequest(pick, random));
  const takes = matches.map((match) => requests.map((request) => isTaken(match, request)));
  let covered = 0;
  for (const [i, outer] of matches.entries()) {
    for (const [j, inner] of matches.entries()) {
      if (i === j || !covers(outer, inner)) continue;
      covered++;
      for (const [k, request] of requests.entries()) {
        const isWrong = takes[j]?.[k] === true && takes[i]?.[k] !== true;
        assert.ok(!isWrong, JSON.stringify({ outer, inner, request }));
      }
    }
  }
  assert.ok(covered > 2000, String(covered));
});

type Pick = <T>(items: readonly T[]) => T;

function randomMatch(pick: Pick, random: () => number): RouteMatch {
  const path = pick<RouteMatch["path"]>([
    { kind: "prefix", prefix: pick(["/", "/a", "/a/", "/a/b", "/ab", "/b"]) },
    { kind: "segment-prefix", prefix: pick(["/", "/a", "/a/b", "/b"]) },
    { kind: "exact", path: pick(["/", "/a", "/a/b", "/b/c", "/ab"]) },
    {
      kind: "regex",
      regex: pick(["/.*", "/a.*", "/a/.*", "/(a|b)/.*", "/a+", "/[ab]/c", "/a*.*"]),
    },
  ]);
  const headers = random() < 0.5 ? [] : [header(pick), ...(random() < 0.3 ? [header(pick)] : [])];
  const query = random() < 0.7 ? [] : [{
    name: pick(["q", "Q"]),
    value: value(pick, ["exact", "prefix", "suffix", "contains", "regex"] as const),
    ignoreCase: random() < 0.3,
  }];
  return { path, headers, query };
}

function header(pick: Pick): RouteMatch["headers"][number] {
  const invert = pick([true, false]);
  return {
    name: pick(["x", "X", "y"]),
    value: value(pick, ["exact", "contains", "regex"] as const),
    invert,
    ignoreCase: pick([true, false, false]),
    treatMissingAsEmpty: invert && pick([true, false]),
  };
}

function value<Kind extends string>(pick: Pick, kinds: readonly Kind[]) {
  return pick([
    { kind: "present" as const },
    { kind: pick(kinds), text: pick(["a", "b", "ab", "A", "a.*"]) },
    { kind: pick(kinds), text: pick(["a", "b", "ab", "A"]) },
  ]);
}

interface Tried {
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

function randomRequest(pick: Pick, random: () => number): Tried {
  const path = pick(["/", "/a", "/a/b", "/ab", "/b", "/b/c", "/a/c", "/aaa", "/c"]);
  const query = random() < 0.5
    ? ""
    : `?${pick(["q", "Q"])}=${pick(["a", "b", "ab", "A", "", "ba"])}`;
  const headers = new Map<string, string>();
  for (const name of ["x", "y"]) {
    if (random() < 0.6) headers.set(name, pick(["a", "b", "ab", "A", "", "abc", "AB"]));
  }
  return { path: path + query, headers };
}

function isTaken(match: RouteMatch, { path, headers }: Tried): boolean {
  const origin = { object: { kind: "HTTPProxy", namespace: "a", name: "a" }, path: "" } as const;
  const action = { kind: "direct-response", statusCode: 200, body: "" } as const;
  const route: Route = { match, action, plain: "serve", origin };
  const host: VirtualHost = { fqdn: "a.example.com", owner: origin.object, routes: [route] };
  const request = { method: "GET", authority: "a.example.com", path, headers, tls: false };
  return matchRoute(host, request).route !== undefined;
}

/** Numbers from 0 to 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
