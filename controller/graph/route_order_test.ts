import assert from "node:assert/strict";
import type { HeaderMatch, PathMatch, QueryMatch, Route } from "./model.ts";
import { sortRoutes } from "./route_order.ts";

const present = (name: string): HeaderMatch => ({
  name,
  value: { kind: "present" },
  invert: false,
  ignoreCase: false,
  treatMissingAsEmpty: false,
});
const parameter: QueryMatch = { name: "q", value: { kind: "present" }, ignoreCase: false };

/** In the order Envoy has to see them; the table is the test. */
const ordered: readonly (readonly [PathMatch, readonly HeaderMatch[], readonly QueryMatch[]])[] = [
  [{ kind: "exact", path: "/z" }, [], []],
  [{ kind: "exact", path: "/a" }, [], []],
  [{ kind: "regex", regex: "/a.*bb" }, [], []],
  [{ kind: "regex", regex: "/a.*b" }, [], []],
  [{ kind: "prefix", prefix: "/foo/bar" }, [present(":method")], []],
  [{ kind: "prefix", prefix: "/foo/bar" }, [present("x"), present("y")], []],
  [{ kind: "prefix", prefix: "/foo/bar" }, [present("x")], []],
  [{ kind: "prefix", prefix: "/foo/bar" }, [], [parameter]],
  [{ kind: "prefix", prefix: "/foo/bar" }, [], []],
  [{ kind: "segment-prefix", prefix: "/foo" }, [], []],
  [{ kind: "prefix", prefix: "/foo" }, [], []],
  [{ kind: "prefix", prefix: "/" }, [], []],
];

function route([path, headers, query]: (typeof ordered)[number]): Route {
  return {
    match: { path, headers, query },
    action: { kind: "direct-response", statusCode: 200, body: "" },
    plain: "serve",
    origin: { object: { kind: "HTTPProxy", namespace: "a", name: "b" }, path: "" },
  };
}

Deno.test("the order of routes follows from their matches, whatever order they came in", () => {
  const routes = ordered.map(route);
  const matches = (list: readonly Route[]) => list.map(({ match }) => match);
  assert.deepEqual(matches(sortRoutes(routes.toReversed())), matches(routes));
  const shuffled = routes.map((_, i) => routes[(i * 7 + 3) % routes.length] ?? routes[0]);
  assert.deepEqual(matches(sortRoutes(shuffled.filter((r) => r !== undefined))), matches(routes));
});
