import { matchHost, type Request } from "../controller/graph/mod.ts";
import { isWildcardGuard } from "../explain/mod.ts";
import { type Effect, type TreatmentChange, treatmentChanges } from "./effect/effect.ts";
import { differsFor, type EffectChange, effectChange } from "./effect/effect_change.ts";
import { type HostTable, nobodyThere, type Side, type SideRule } from "./side.ts";
import {
  authorityDomain,
  exampleName,
  partDomains,
  pathDomain,
  spaceRule,
} from "./space/host_space.ts";
import type { Domain } from "./space/part.ts";
import { type Region, regions, type WorkLimit } from "./space/regions.ts";
import { sampledRegions } from "./space/sampled.ts";
import { requestOf, type Witness, witnessOf } from "./space/witness.ts";
import { TooManyStates } from "./strings/machine.ts";
import { UnsupportedRegex } from "./strings/regex_syntax.ts";

/** What is found about the requests for one name. */
export interface HostComparison {
  /** The name of a host of one side at least; a wildcard is about what no other host covers. */
  readonly fqdn: string;
  readonly changes: readonly Change[];
  /** Pairs of rules that take the same requests and do the same with them. */
  readonly unchanged: readonly Pair[];
  /** Why not every request could be thought of; absent: every one was. */
  readonly inexact?: string;
}

/** Rules of both sides that take the same requests; absent: none takes them. */
export interface Pair {
  readonly tls: boolean;
  readonly before?: SideRule;
  readonly after?: SideRule;
}

/** Requests that are treated otherwise than before. */
export type Change = RequestChange | ConnectionChange;

/** The requests that these two rules take. */
export interface RequestChange extends Pair, EffectChange {
  readonly about: "requests";
  readonly effects: { readonly before: Effect; readonly after: Effect };
  readonly witness: Witness;
  /** The same, as rules see it. */
  readonly request: Request;
  readonly tables: { readonly before?: HostTable; readonly after?: HostTable };
}

/** All connections over TLS. */
export interface ConnectionChange {
  readonly about: "connections";
  readonly tls: true;
  readonly kind: "changed";
  readonly treatment: readonly TreatmentChange[];
  readonly witness: Witness;
}

/**
 * Two sides, compared host by host: all requests for a name are parted by the rules that take them on
 * either side, and where those do different things there is a change. A change is told only with a
 * request for which both sides, asked for it alone, differ.
 */
export class Comparison {
  readonly before: Side;
  readonly after: Side;
  readonly hosts: readonly HostComparison[];
  readonly #names: ReadonlySet<string>;
  readonly #limit: WorkLimit;
  readonly #changes = new Map<string, Change>();

  constructor(before: Side, after: Side, limit: WorkLimit = usualLimit) {
    this.before = before;
    this.after = after;
    this.#limit = limit;
    this.#names = new Set([...before.hostNames, ...after.hostNames]);
    this.hosts = [...this.#names].sort(byName).map((fqdn) => this.#host(fqdn));
  }

  /** The changes that a request meets: of its connection, and of what becomes of it. */
  changesFor(request: Request): readonly Change[] {
    const fqdn = matchHost(request.authority, (name) => this.#names.has(name));
    if (fqdn === undefined) return [];
    const before = this.before.answer(request).rule;
    const after = this.after.answer(request).rule;
    return [
      this.#changes.get(`${fqdn} connections ${request.tls}`),
      this.#changes.get(pairKey(fqdn, request.tls, before, after)),
    ].flatMap((change) => change ?? []);
  }

  #host(fqdn: string): HostComparison {
    const name = exampleName(fqdn, this.#names);
    const found = [false, true].map((tls) => this.#listener(fqdn, name, tls));
    const inexact = found.flatMap(({ inexact }) => inexact ?? [])[0];
    const changes = found.flatMap(({ changes }) => changes);
    for (const change of changes) {
      const key = change.about === "connections"
        ? `${fqdn} connections true`
        : pairKey(fqdn, change.tls, change.before, change.after);
      this.#changes.set(key, change);
    }
    return {
      fqdn,
      changes,
      unchanged: found.flatMap(({ unchanged }) => unchanged),
      ...(inexact === undefined ? {} : { inexact }),
    };
  }

  #listener(fqdn: string, name: string, tls: boolean): Omit<HostComparison, "fqdn"> {
    const before = this.before.table(name, { tls });
    const after = this.after.table(name, { tls });
    const connection = connectionChange(name, before, after);
    const changes: Change[] = connection === undefined ? [] : [connection];
    if (sameTable(before, after)) {
      const unchanged = (after?.rules ?? []).map((rule) => ({ tls, before: rule, after: rule }));
      return { changes, unchanged };
    }
    const unchanged: Pair[] = [];
    const { found, inexact: reason } = this.#regions(fqdn, name, { before, after, tls });
    let inexact = reason;
    for (const region of found) {
      const [a, b] = [before?.rules[region.a], after?.rules[region.b]];
      const pair: Pair = {
        tls,
        ...(a === undefined ? {} : { before: a }),
        ...(b === undefined ? {} : { after: b }),
      };
      const change = this.#change(pair, region, { name, before, after });
      if (change === "unproven") inexact ??= "No request shows a difference that there should be";
      else if (change !== undefined) changes.push(change);
      else if (a !== undefined || b !== undefined) unchanged.push(pair);
    }
    return { changes, unchanged, ...(inexact === undefined ? {} : { inexact }) };
  }

  #regions(
    fqdn: string,
    name: string,
    { before, after, tls }: {
      readonly before: HostTable | undefined;
      readonly after: HostTable | undefined;
      readonly tls: boolean;
    },
  ): { readonly found: readonly Region[]; readonly inexact?: string } {
    const a = (before?.rules ?? []).map(({ match }) => spaceRule(match));
    const b = (after?.rules ?? []).map(({ match }) => spaceRule(match));
    const domains = {
      path: pathDomain,
      domain: partDomains({
        authority: () => this.#authorities(fqdn, name, [before, after]),
        tls,
      }),
    };
    try {
      return { found: regions(a, b, domains, this.#limit) };
    } catch (error) {
      if (!(error instanceof TooManyStates || error instanceof UnsupportedRegex)) throw error;
      const taker = (request: Request) => ({
        a: this.before.answer(request).rule?.index ?? -1,
        b: this.after.answer(request).rule?.index ?? -1,
      });
      return {
        found: sampledRegions(a, b, {
          ...domains,
          name,
          tls,
          taker,
          first: { a: newRules(before, after), b: newRules(after, before) },
        }),
        inexact: error.message,
      };
    }
  }

  /**
   * The names that requests for a host may have. Where only the number of labels matters, as it does
   * for wildcards, one name stands for all others; conditions of users want to see all of them.
   */
  #authorities(fqdn: string, name: string, tables: readonly (HostTable | undefined)[]): Domain {
    if (!fqdn.startsWith("*")) return authorityDomain([fqdn]);
    const asksForMore = tables.some((table) =>
      table?.rules.some(({ match }) =>
        match.headers.some((header) =>
          /^(:authority|host)$/i.test(header.name) && !isWildcardGuard(header)
        )
      )
    );
    if (!asksForMore) return authorityDomain([name, `*.${name}`]);
    const others = [...this.#names].filter((other) =>
      other !== fqdn && (fqdn === "*" || other.endsWith(fqdn.slice(1)))
    );
    if (others.length > mostOthers) {
      throw new TooManyStates("Conditions on the name of the host have too many cases");
    }
    return authorityDomain([fqdn], others);
  }

  #change(
    pair: Pair,
    { samples }: Region,
    { name, before, after }: {
      readonly name: string;
      readonly before: HostTable | undefined;
      readonly after: HostTable | undefined;
    },
  ): RequestChange | "unproven" | undefined {
    const { tls } = pair;
    const effects = {
      before: pair.before?.effect ?? nobodyThere({ tls }, before),
      after: pair.after?.effect ?? nobodyThere({ tls }, after),
    };
    const change = effectChange(effects.before, effects.after, {
      before: pair.before?.match.path,
      after: pair.after?.match.path,
    });
    if (change === undefined) return undefined;
    let isReached = false;
    for (const sample of samples) {
      const request = requestOf(sample, { name, tls });
      const [a, b] = [this.before.answer(request), this.after.answer(request)];
      if (a.rule !== pair.before || b.rule !== pair.after) continue;
      isReached = true;
      if (!differsFor(a.effect, b.effect, request)) continue;
      return {
        ...pair,
        ...change,
        about: "requests",
        effects,
        witness: witnessOf(request),
        request,
        tables: {
          ...(before === undefined ? {} : { before }),
          ...(after === undefined ? {} : { after }),
        },
      };
    }
    // One path can come out the same of rules that are different.
    return isReached ? undefined : "unproven";
  }
}

/** About a second of work for a host that exhausts it. */
const usualLimit: WorkLimit = { states: 60_000, cases: 50_000 };
const mostOthers = 200;

function pairKey(
  fqdn: string,
  tls: boolean,
  before: SideRule | undefined,
  after: SideRule | undefined,
): string {
  return `${fqdn} ${tls} ${before?.index ?? -1} ${after?.index ?? -1}`;
}

function connectionChange(
  name: string,
  before: HostTable | undefined,
  after: HostTable | undefined,
): ConnectionChange | undefined {
  if (before?.connection === undefined || after?.connection === undefined) return undefined;
  const treatment = treatmentChanges(before.connection, after.connection);
  if (treatment.length === 0) return undefined;
  const witness = { method: "GET", url: `https://${name}/`, headers: {} };
  return { about: "connections", tls: true, kind: "changed", treatment, witness };
}

/** The rules of a table that the other one does not have, or that do otherwise there. */
function newRules(
  table: HostTable | undefined,
  other: HostTable | undefined,
): ReadonlySet<number> {
  const text = ({ match, effect }: SideRule) =>
    JSON.stringify([match, effect.words, effect.path, [...effect.treatment]]);
  const known = new Set(other?.rules.map(text));
  return new Set(
    (table?.rules ?? []).filter((rule) => !known.has(text(rule))).map(({ index }) => index),
  );
}

/** Whether the same rules do the same on both sides. */
function sameTable(before: HostTable | undefined, after: HostTable | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before.rules.length === after.rules.length &&
    before.rules.every((rule, i) => {
      const other = after.rules[i];
      return other !== undefined &&
        JSON.stringify(rule.match) === JSON.stringify(other.match) &&
        effectChange(rule.effect, other.effect, {
            before: rule.match.path,
            after: other.match.path,
          }) === undefined;
    });
}

/** By name, with the parts of a domain together and wildcards behind their own. */
function byName(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split(".").toReversed().join("."));
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
