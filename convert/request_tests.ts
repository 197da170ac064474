import type { PlannedHost } from "./host.ts";
import type { PlannedLocation } from "./host_locations.ts";
import { isChallenge } from "./host_routes.ts";
import { differsFromNginx } from "./nginx_differences.ts";
import {
  isRegexMode,
  nginxAddsSlash,
  nginxMatches,
  nginxRewrites,
  nginxTakes,
} from "./nginx_paths.ts";
import type { Position } from "../controller/api/mod.ts";
import { writeYaml } from "./yaml_writer.ts";

/** A request, and what became of it before: it should become of it after, too. */
export interface RequestTest {
  readonly name: string;
  readonly from: Position;
  readonly request: {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly expect: Expectation;
}

/** What becomes of a request. Either Services get it, or it is answered. */
export interface Expectation {
  /** `namespace/name:port`, of which one gets it. */
  readonly services?: readonly string[];
  /** As the Service sees it. */
  readonly path?: string;
  readonly status?: number;
  readonly location?: string;
}

/** Requests for every path of every host, with answers by the rules the Ingresses were written for. */
export function requestTests(hosts: readonly PlannedHost[]): RequestTest[] {
  return hosts.flatMap(testsOfHost);
}

/** The tests as `--tests` writes them; docs/convert.md tells the format. */
export function writeRequestTests(tests: readonly RequestTest[]): string {
  const head = "# Requests, and what has to become of them. Written by contour convert.\n";
  const body = {
    version: 1,
    tests: tests.map(({ name, from: { file, line }, request, expect }) => ({
      name,
      from: `${file}:${line}`,
      request,
      expect,
    })),
  };
  return head + writeYaml(body, new Map()).text;
}

function testsOfHost(planned: PlannedHost): RequestTest[] {
  const { host, tls, locations } = planned;
  const name = host.startsWith("*.") ? `any${host.slice(1)}` : host;
  const tests: RequestTest[] = [];
  const seen = new Set<string>();
  for (const location of locations) {
    const { member: { ingress }, origin } = location;
    const from = ingress.note.locate(origin);
    for (const path of samples(location)) {
      if (seen.has(path)) continue;
      seen.add(path);
      // What is not as it was stands in the report; a test that fails at once tells nobody more.
      if (isDifferent(locations, path)) continue;
      const url = `${tls ? "https" : "http"}://${name}${path}`;
      const taker = takerOf(locations, path);
      const expect = addsSlash(locations, path)
        ? { status: 301, location: `${url}/` }
        : taker === undefined
        ? { status: 404 }
        : expected(planned, taker, path);
      if (expect === undefined) continue;
      const { plain, answer } = (taker ?? location).member.settings;
      const isOpen = plain === "serve" || isChallenge(taker ?? location);
      tests.push({ name: `${name}${path}`, from, request: { url }, expect });
      const isAnswered = answer?.requestRedirectPolicy !== undefined;
      if (tls && !isOpen && !isAnswered && path === location.path) {
        tests.push({
          name: `${name}${path} without TLS`,
          from,
          request: { url: `http://${name}${path}` },
          expect: { status: 301, location: `https://${name}${path}` },
        });
      }
    }
  }
  return tests;
}

/** Whether HTTPProxies cannot treat a request for a path as nginx did. */
function isDifferent(locations: readonly PlannedLocation[], path: string): boolean {
  const nginx = asNginx(locations);
  return nginx !== undefined && isRegexMode(nginx) &&
    differsFromNginx(nginx, nginxMatches(nginx), path);
}

/** Paths that tell a path of an Ingress from its neighbours. */
function samples({ path, pathType }: PlannedLocation): readonly string[] {
  const literal = /^[\w./~-]*/.exec(path)?.[0] ?? "/";
  const base = literal === "" ? "/" : literal;
  if (base === "/") return ["/", "/some/thing"];
  const bare = base.replace(/\/$/, "");
  return pathType === "Exact" && literal === path
    ? [base, `${bare}/below`]
    : [bare, `${bare}/`, `${bare}/below/it`];
}

function takerOf(
  locations: readonly PlannedLocation[],
  path: string,
): PlannedLocation | undefined {
  const nginx = asNginx(locations);
  if (nginx !== undefined) return nginxTakes(nginx, path)?.location;
  const exact = locations.find((each) => each.pathType === "Exact" && each.path === path);
  const under = (text: string) =>
    path === text.replace(/\/+$/, "") || path.startsWith(text.replace(/\/*$/, "/"));
  return exact ??
    locations.filter((each) =>
      each.pathType === "Prefix"
        ? under(each.path)
        : each.pathType !== "Exact" && path.startsWith(each.path)
    ).sort((a, b) => b.path.length - a.path.length)[0];
}

function addsSlash(locations: readonly PlannedLocation[], path: string): boolean {
  const nginx = asNginx(locations);
  return nginx !== undefined && nginxAddsSlash(nginx, path);
}

/** The paths as nginx sees them together; undefined when they are of several controllers. */
function asNginx(locations: readonly PlannedLocation[]) {
  if (locations.some(({ member }) => member.settings.dialect !== "ingress-nginx")) return undefined;
  return locations.map((location) => ({
    location,
    path: location.path,
    pathType: location.pathType,
    useRegex: location.member.settings.useRegex,
    rewriteTarget: location.member.settings.rewriteTarget,
  }));
}

function expected(
  { host, tls, isLocked }: PlannedHost,
  location: PlannedLocation,
  path: string,
): Expectation | undefined {
  const { member: { ingress: { namespace }, settings }, service, canaries } = location;
  const { requestRedirectPolicy, directResponsePolicy } = settings.answer ?? {};
  if (requestRedirectPolicy !== undefined) {
    return { status: requestRedirectPolicy.statusCode ?? 302 };
  }
  if (directResponsePolicy !== undefined) return { status: directResponsePolicy.statusCode };
  if (isLocked(location)) return { status: 403 };
  if (service === undefined) return { status: 503 };
  if (settings.host.appRoot !== undefined && path === "/") return { status: 302 };
  if (settings.forceHttps !== undefined && !tls && !host.startsWith("*.")) {
    return { status: settings.forceHttps, location: `https://${host}${path}` };
  }
  const services = [service, ...canaries.map(({ service }) => service)]
    .map(({ name, port }) => `${namespace}/${name}:${port}`);
  const { rewriteTarget } = settings;
  if (rewriteTarget === "" || rewriteTarget === location.path) return { services };
  if (!rewriteTarget.includes("$")) return undefined;
  const rewritten = nginxRewrites({ ...location, useRegex: true, rewriteTarget }, path);
  return { services, path: rewritten };
}
