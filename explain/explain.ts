import {
  type Diagnostic,
  keyId,
  type KubeObject,
  nearest,
  type ObjectKey,
  type Position,
} from "../controller/api/mod.ts";
import { FileTable, parseManifest } from "../controller/files/mod.ts";
import {
  claimants,
  ingressVerdict,
  isServed,
  matchHost,
  matchRoute,
  type Mismatch,
  mismatchFinder,
  proxyVerdict,
  type Request,
  rootEvaluation,
  type Route,
  type VirtualHost,
  virtualHost,
} from "../controller/graph/mod.ts";
import { hostPlugins, type PluginSet, pluginsInput } from "../controller/plugin/mod.ts";
import type { Db } from "../controller/query/mod.ts";
import { defaultSettings, ingressHosts, type Settings } from "../controller/store/mod.ts";
import { type AskedRequest, parseAsked, requestOf } from "./asked_request.ts";
import { conditionTexts, wildcardGuardStart } from "./condition_text.ts";
import type { Candidate, Explanation, HostRule, Outcome, Place, Rule } from "./explanation.ts";
import { includeChain } from "./include_chain.ts";
import { objectDb } from "./object_db.ts";
import { outcomeOf, tcpOutcome } from "./outcome.ts";
import { reasonAfter } from "./precedence.ts";
import { treatmentOf } from "./treatment.ts";

/**
 * Says which rule of the objects in files takes a request, and why the others do not. Throws a
 * `RangeError` when the URL or a header is none.
 *
 * @example
 * ```ts
 * import { explain } from "../mod.ts";
 *
 * const text = `
 * apiVersion: projectcontour.io/v1
 * kind: HTTPProxy
 * metadata: { name: shop }
 * spec:
 *   virtualhost: { fqdn: shop.example.com }
 *   routes:
 *     - conditions: [{ prefix: /old }]
 *       requestRedirectPolicy: { path: /new }
 * `;
 * const { rule, outcome } = explain([{ file: "shop.yaml", text }], {
 *   url: "http://shop.example.com/old?x=1",
 * });
 * if (rule?.position?.line !== 8) throw new Error("Another rule");
 * if (outcome.kind !== "redirect" || !outcome.location.endsWith("/new?x=1")) {
 *   throw new Error("Another outcome");
 * }
 * ```
 */
export function explain(
  files: Iterable<{ readonly file: string; readonly text: string }>,
  request: Parameters<typeof parseAsked>[0],
  { namespace = "default", settings }: ExplainOptions = {},
): Explanation {
  const table = new FileTable();
  for (const { file, text } of files) table.put(file, parseManifest(text, { file, namespace }));
  const explainer = new Explainer({
    objects: table.drain().applied,
    locate: (key, path) => table.locate(key, path),
    ...(settings === undefined ? {} : { settings }),
  });
  return explainer.explain(parseAsked(request));
}

/** How to read objects and what the operator configured. */
export interface ExplainOptions {
  /** Where objects are that name no namespace; `default` if left out. */
  readonly namespace?: string;
  /** What differs from the defaults. */
  readonly settings?: Partial<Settings>;
}

/** Objects about which questions can be asked. Only hosts that questions touch are looked at. */
export class Explainer {
  readonly #db: Db;
  readonly #objects: readonly KubeObject[];
  readonly #hasPlugins: boolean;
  readonly #locate: (key: ObjectKey, path: string) => Position | undefined;

  constructor({ objects, locate = () => undefined, settings, plugins }: {
    readonly objects: readonly KubeObject[];
    /** Where a field is written. */
    readonly locate?: (key: ObjectKey, path: string) => Position | undefined;
    readonly settings?: Partial<Settings>;
    /** The plugins in use. Default: none. */
    readonly plugins?: PluginSet | undefined;
  }) {
    this.#locate = locate;
    this.#hasPlugins = plugins !== undefined;
    this.#objects = objects;
    const inputs = new Map(plugins === undefined ? [] : [[pluginsInput.name, plugins] as const]);
    this.#db = objectDb(objects, { ...defaultSettings, ...settings }, { inputs });
  }

  /** Which rule takes a request, and why. */
  explain(asked: AskedRequest): Explanation {
    const request = requestOf(asked);
    const name = asked.tls ? serverName(asked) : asked.authority;
    const host = this.#hostFor(name, asked.tls);
    if (host === undefined) return this.#noHost(asked, name);
    const found = { fqdn: host.fqdn, owner: this.#place(host.owner, "spec.virtualhost.fqdn") };
    const begin = { request: asked, host: found, problems: [], candidates: [] };
    const { secure } = host;
    if (asked.tls && secure !== undefined && secure.kind !== "http") {
      const tls = secure.kind === "tcp" ? "terminated" : "passed-through";
      return { ...begin, outcome: tcpOutcome(this.#db, tls, secure.proxy) };
    }
    if (asked.tls && serverName(asked) !== nameOf(asked.authority)) {
      const body = "misdirected request\n";
      return { ...begin, outcome: { kind: "direct-response", statusCode: 421, body } };
    }
    const { route } = matchRoute(host, request);
    const candidates = this.#candidates(host, request, route);
    if (route === undefined) {
      const outcome: Outcome = { kind: "none", why: "no-rule", nearHosts: [] };
      return { ...begin, candidates, outcome, problems: this.#problemsOfHost(host.fqdn) };
    }
    const outcome = outcomeOf(this.#db, route, request);
    const isServed = asked.tls || route.plain === "serve";
    return {
      ...begin,
      outcome,
      rule: this.#rule(host, route),
      ...(isServed ? { treatment: treatmentOf(this.#db, host, route, request) } : {}),
      ...(isServed ? this.#policiesAt(host, route) : {}),
      candidates,
      problems: this.#problemsAt(route),
    };
  }

  /** The rules of all hosts that are served, a host after the other, in the order Envoy tries them. */
  rules(): readonly HostRule[] {
    return [...this.#names()].sort().flatMap((fqdn) => {
      const host = virtualHost(this.#db, fqdn);
      if (host === undefined) return [];
      const rules = new Map<string, HostRule>();
      for (const { origin: { object, path }, match } of host.routes) {
        const id = `${keyId(object)} ${path}`;
        // A rule that rewrites a prefix is two routes.
        if (rules.has(id)) continue;
        const conditions = conditionTexts(match);
        rules.set(id, { fqdn, ...this.#place(object, path), conditions });
      }
      return [...rules.values()];
    });
  }

  /** Those of the route first: each kind has its own way of putting them together. */
  #policiesAt({ fqdn, routes }: VirtualHost, route: Route): Pick<Explanation, "policies"> {
    if (!this.#hasPlugins) return {};
    const added = hostPlugins(this.#db, fqdn);
    const additions = [
      ...added?.routes.get(routes.indexOf(route))?.additions ?? [],
      ...added?.host ?? [],
    ];
    const policies = new Map(
      additions.flatMap(({ kind, origins }) =>
        origins.map(({ object, path }) =>
          [`${kind} ${keyId(object)} ${path}`, { kind, ...this.#place(object, path) }] as const
        )
      ),
    );
    return policies.size === 0 ? {} : { policies: [...policies.values()] };
  }

  #names(): Set<string> {
    const names = new Set<string>();
    for (const object of this.#objects) {
      const host = object.kind === "HTTPProxy" ? object.spec.virtualhost?.fqdn : undefined;
      if (host !== undefined) names.add(host.toLowerCase());
      if (object.kind === "Ingress") ingressHosts(object).forEach((host) => names.add(host));
    }
    return names;
  }

  #hostFor(name: string, tls: boolean): VirtualHost | undefined {
    const host = (fqdn: string) => virtualHost(this.#db, fqdn);
    const fqdn = matchHost(name, (fqdn) => isServed(host(fqdn), { tls }));
    return fqdn === undefined ? undefined : host(fqdn);
  }

  #noHost(asked: AskedRequest, name: string): Explanation {
    const other = this.#hostFor(name, !asked.tls);
    const own = nameOf(name);
    const outcome: Outcome = {
      kind: "none",
      why: other === undefined ? "unknown-host" : asked.tls ? "no-tls" : "no-plain",
      nearHosts: other === undefined && claimants(this.#db, own).length === 0
        ? this.#near(own)
        : [],
    };
    return {
      request: asked,
      ...(other === undefined
        ? {}
        : { host: { fqdn: other.fqdn, owner: this.#place(other.owner, "spec.virtualhost") } }),
      outcome,
      candidates: [],
      problems: [own, own.replace(/^[^.]*/, "*")].flatMap((name) => this.#problemsOfHost(name)),
    };
  }

  /** The names of hosts that somebody claims and that may be meant. */
  #near(name: string): readonly string[] {
    const names = this.#names();
    names.delete(name);
    const best = nearest(name, names);
    const parent = name.slice(name.indexOf("."));
    const siblings = [...names].filter((other) =>
      other !== best && name.includes(".") && other.endsWith(parent)
    );
    return [...best === undefined ? [] : [best], ...siblings.sort()].slice(0, 3);
  }

  #rule(host: VirtualHost, route: Route): Rule {
    const { object, path } = route.origin;
    const chain = includeChain(this.#db, host.owner, route).toReversed();
    return {
      ...this.#place(object, path),
      conditions: conditionTexts(route.match),
      includedBy: chain.map((step) => ({
        ...this.#place(step.object, step.path),
        prefix: step.conditions.flatMap(({ prefix }) => prefix ?? []).join(""),
      })),
    };
  }

  #candidates(
    host: VirtualHost,
    request: Request,
    winner: Route | undefined,
  ): readonly Candidate[] {
    const mismatches = mismatchFinder(request);
    // A rule that rewrites a prefix is two routes, with and without a slash: one of them speaks for both.
    const seen = new Map<string, { readonly rank: number; readonly candidate: Candidate }>();
    const own = winner === undefined ? undefined : ruleText(winner);
    for (const route of host.routes) {
      const id = ruleText(route);
      if (id === own) continue;
      const failed = mismatches(route.match).map((one) => inWords(one, host));
      const isAway = (request.tls ? route.secure : route.plain) === "absent";
      const first = failed[0];
      const reason = isAway
        ? `not served ${request.tls ? "over TLS" : "without TLS"}`
        : first?.reason ?? (winner === undefined ? "" : reasonAfter(winner.match, route.match));
      const rank = first === undefined ? 0 : first.condition === "path" ? 2 : 1;
      const before = seen.get(id);
      if (before !== undefined && before.rank <= rank) continue;
      const { object, path } = route.origin;
      const conditions = conditionTexts(route.match);
      const place = this.#place(object, path);
      seen.set(id, {
        rank,
        candidate: { ...place, conditions, mismatches: failed, reason },
      });
    }
    return [...seen.values()].sort((a, b) => a.rank - b.rank)
      .map(({ candidate }) => candidate);
  }

  /** What is wrong at the place of a rule: a Service that is missing, say. */
  #problemsAt({ origin: { object, path } }: Route): readonly Diagnostic[] {
    return this.#verdict(object).filter((diagnostic) =>
      diagnostic.path === path || /^[.[]/.test(diagnostic.path.replace(path, ""))
    );
  }

  /** What is wrong with those who claim a host, and keeps rules of it away. */
  #problemsOfHost(fqdn: string): readonly Diagnostic[] {
    const roots = claimants(this.#db, fqdn);
    const found = new Map<string, Diagnostic>();
    for (const { namespace, name } of roots) {
      for (const list of rootEvaluation(this.#db, { namespace, name }).objects.values()) {
        for (const diagnostic of list) {
          // What has no Service answers 503, so it is there.
          const isServed = diagnostic.condition?.type === "ServiceError";
          if (diagnostic.severity !== "error" || isServed) continue;
          found.set(
            JSON.stringify([diagnostic.object, diagnostic.path, diagnostic.message]),
            diagnostic,
          );
        }
      }
    }
    return this.#placed([...found.values()]);
  }

  #verdict(key: ObjectKey): readonly Diagnostic[] {
    const { kind, namespace, name } = key;
    const verdict = kind === "Ingress"
      ? ingressVerdict(this.#db, { namespace, name })
      : proxyVerdict(this.#db, { namespace, name });
    return this.#placed(verdict?.diagnostics ?? []);
  }

  #placed(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    return diagnostics.map((diagnostic) => {
      const { object, path } = diagnostic;
      const position = object === undefined ? undefined : this.#locate(object, path);
      return position === undefined ? diagnostic : { ...diagnostic, position };
    });
  }

  #place(object: ObjectKey, path: string): Place {
    const position = this.#locate(object, path);
    return { object, path, ...(position === undefined ? {} : { position }) };
  }
}

/** Equal for the routes that one rule became, by one way of includes. */
function ruleText({ origin, match }: Route): string {
  const [path = "", ...others] = conditionTexts(match);
  return JSON.stringify([origin, path.replace(/\/+$/, ""), others]);
}

/** A mismatch with what users did not write themselves in their words. */
function inWords(mismatch: Mismatch, { fqdn }: VirtualHost): Mismatch {
  const { name, reason } = mismatch;
  if (name === ":method") {
    return { ...mismatch, reason: reason.replace("header :method", "method") };
  }
  if (name !== ":authority" || !fqdn.startsWith("*.")) return mismatch;
  if (!reason.includes(wildcardGuardStart)) return mismatch;
  return { ...mismatch, reason: `the host is not one label in the place of the * of ${fqdn}` };
}

/** The name that a client asks for before it sends the request. */
function serverName({ url }: AskedRequest): string {
  return new URL(url).hostname.toLowerCase();
}

function nameOf(authority: string): string {
  return authority.replace(/:\d+$/, "").toLowerCase();
}
