/** Requests to a world: most to its hosts and paths, some to what is almost like them. */
import type { Random } from "../../../support/world/random.ts";
import type { Asked } from "../ask.ts";
import { aimAt } from "./aimed.ts";
import { paths } from "./conditions.ts";
import type { World } from "./world.ts";

/** As many as asked for. */
export function requests(random: Random, world: World, count: number): Asked[] {
  const { hosts, secureHosts } = world;
  return Array.from({ length: count }, () => {
    if (secureHosts.length > 0 && random.chance(0.4)) return secureRequest(random, world);
    // Hosts with TLS are asked for without it, too.
    const others = [...secureHosts, ...(random.chance(0.1) ? [`none.${world.name}.test`] : [])];
    const known = hosts.length > 0 ? hosts : [`none.${world.name}.test`];
    return request(
      random,
      world,
      random.of(random.chance(0.2) && others.length > 0 ? others : known),
    );
  });
}

/** A host that a name stands for. */
function concrete(random: Random, host: string): string {
  return host.replace("*", () => random.of(["any", "some-thing", "a1", "a.b", "one"]));
}

function secureRequest(random: Random, world: World): Asked {
  const { name, secureHosts, tcpHosts } = world;
  const pattern = random.of(secureHosts);
  const host = concrete(random, pattern);
  const sni = random.chance(0.9)
    ? host
    : random.of([null, `unknown.${name}.test`, concrete(random, random.of(secureHosts))]);
  const tls = {
    name: sni,
    ...random.maybe(0.15, "version", () => random.of(["TLSv1.2", "TLSv1.3"] as const)),
    ...random.maybe(0.4, "shows", () => random.of(["known", "known", "unknown"] as const)),
    ...random.maybe(0.3, "alpn", () => random.of([["h2", "http/1.1"], ["h2"], []])),
  };
  if (sni !== null && tcpHosts.some((each) => matches(each, sni))) {
    return { host, tls, as: "line" };
  }
  return { ...request(random, world, pattern, host), tls };
}

function matches(pattern: string, host: string): boolean {
  return pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : pattern === host;
}

function request(
  random: Random,
  { objects }: World,
  pattern: string,
  host = concrete(random, pattern),
): Asked {
  const named = random.of([
    ...Array.from({ length: 15 }, () => host),
    host.toUpperCase(),
    `${host}:8080`,
    `${host}:80`,
    `${host}.`,
    `x.${host}`,
  ]);
  const preflight = random.chance(0.05);
  const aim = random.chance(0.75) ? aimAt(random, objects, pattern) : undefined;
  const extra = { ...trouble(random), ...(random.chance(0.4) ? oddHeaders(random) : {}) };
  return {
    host: named,
    path: aim === undefined ? target(random) : targetOf(aim),
    ...(preflight
      ? { method: "OPTIONS" }
      : aim?.method !== undefined
      ? { method: aim.method }
      : random.maybe(0.2, "method", () => random.of(["POST", "PUT", "DELETE", "OPTIONS"]))),
    headers: {
      ...(aim?.headers ?? headers(random)),
      ...extra,
      ...(preflight || random.chance(0.05) ? origin(random) : {}),
    },
    ...random.maybe(0.3, "from", () => random.of(["127.0.9.1", "127.0.9.2", "127.0.7.7"])),
    ...random.maybe(0.05, "as", () => "websocket" as const),
  };
}

function targetOf({ path, query }: { readonly path: string; readonly query: string }): string {
  return query === "" ? path : `${path}?${query}`;
}

function target(random: Random): string {
  const odd = ["//a", "/a//b", "/a/./b", "/x/../a", "/a/..", "/%61", "/a%2Fb", "/A", "/a%20b"];
  const path = random.chance(0.8)
    ? random.of([...paths, "/v1/a", "/v1/b", "/v1", "/a/a", "/a/12", "/b/ab", "/c/d", "/x", "/x/1"])
    : random.of([...odd, "/a\\b", "/a;x=1", "/a/b/..%2f", "/%2e%2e/a", "/a/%00", "/a%", "/ä"]);
  const query = [
    ...(random.chance(0.35) ? [`q=${random.of(["a", "B", "ab", "ba", "a%20b", "a+b", ""])}`] : []),
    ...(random.chance(0.15) ? [random.of(["Q", "Q=a", "Q=AB"])] : []),
    ...(random.chance(0.2) ? [random.of(["p", "p=a", "p=ab", "p=b&p=a"])] : []),
    ...(random.chance(0.1) ? ["user=u1"] : []),
  ].join("&");
  return query === "" ? path : `${path}?${query}`;
}

function headers(random: Random): Record<string, string> {
  const value = () => random.of(["a", "A", "ab", "b", "a b", "1.5", "12", ""]);
  return {
    ...random.maybe(0.5, "x-a", value),
    ...random.maybe(0.4, "x-b", value),
    ...random.maybe(0.25, "X-C", value),
  };
}

function oddHeaders(random: Random): Record<string, string> {
  return {
    ...random.maybe(0.2, "x-host", () => "from-header.test"),
    ...random.maybe(0.3, "accept-encoding", () => random.of(["gzip", "br", "gzip, br;q=0.5"])),
    ...random.maybe(0.2, "cookie", () => random.of(['X-Contour-Session-Affinity="1"', "a=b"])),
    ...random.maybe(
      0.3,
      "x-forwarded-for",
      () => random.of(["10.1.2.3", "1.2.3.4, 127.0.9.1", "203.0.113.9"]),
    ),
    ...random.maybe(0.1, "x-forwarded-proto", () => random.of(["https", "http"])),
    ...random.maybe(0.1, "x-envoy-upstream-rq-timeout-ms", () => "100"),
    ...random.maybe(0.1, "x-forwarded-client-cert", () => 'Subject="CN=me"'),
    ...random.maybe(0.1, "user-agent", () => "tests/1"),
  };
}

/** What backends are to do, see `tests/support/backend.ts`. */
function trouble(random: Random): Record<string, string> {
  const dice = random.next();
  if (dice < 0.08) return { "x-backend-fail": random.of(["1", "2"]) };
  if (dice < 0.14) return { "x-backend-status": random.of(["404", "418", "503", "500"]) };
  if (dice < 0.17) return { "x-backend-delay": "1600" };
  if (dice < 0.27) {
    return {
      "x-backend-reply": random.of([
        "set-cookie=session=1; Path=/old; Domain=old.test; HttpOnly",
        "set-cookie=cart=2; Secure; SameSite=Lax; Path=/",
        "set-cookie=other=3; Path=/old",
        "x-reply=1",
        "server=mine",
        "x-gone=1",
      ]),
    };
  }
  if (dice < 0.3) {
    return {
      "x-backend-status": random.of(["302", "301", "308"]),
      "x-backend-reply": random.of(["location=/b", "location=/a"]),
    };
  }
  return {};
}

function origin(random: Random): Record<string, string> {
  return {
    origin: random.of([
      "https://app.test",
      "http://app.test:8080",
      "https://x.app.test",
      "https://evil.test",
    ]),
    "access-control-request-method": random.of(["GET", "POST", "PUT"]),
    ...random.maybe(0.3, "access-control-request-headers", () => "x-a"),
  };
}
