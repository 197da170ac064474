import {
  type HeaderMatch,
  mismatchFinder,
  type PathMatch,
  pathText,
  type Request,
  type RouteMatch,
} from "../controller/graph/mod.ts";
import { conditionTexts } from "../explain/mod.ts";
import type { Change, HostComparison, Pair, RequestChange } from "./comparison.ts";
import type { Effect } from "./effect/effect.ts";
import type { ChangeKind } from "./effect/effect_change.ts";
import type { HostDiff, RequestClass, RulePlace } from "./report.ts";
import type { HostTable, SideRule } from "./side.ts";

/** Finds where a rule of one of the sides is written. */
export type PlaceFinder = (side: "before" | "after", rule: SideRule) => RulePlace;

/** A class of requests, and the changes of which it is made. */
export interface NamedClass {
  readonly shown: RequestClass;
  readonly changes: readonly Change[];
}

/** The changes of a host as classes of requests with names; what is the same for both schemes is one. */
export function hostDiff(
  { fqdn, changes, unchanged, inexact }: HostComparison,
  placeOf: PlaceFinder,
): { readonly host: HostDiff; readonly classes: readonly NamedClass[] } {
  const schemes = new Set([...changes, ...unchanged].map(({ tls }) => tls));
  const named = changes.map((change) => ({ change, name: nameOf(change) }));
  const overTls = new Map(
    named.filter(({ change }) => change.tls).map((one) => [requestsKey(one), groupKey(one)]),
  );
  // Who is sent to https, and fares there alike, is one with those who ask by https at once.
  const groups = Map.groupBy(
    named,
    (one) =>
      (isAboutHttps(one.change) ? overTls.get(requestsKey(one)) : undefined) ?? groupKey(one),
  );
  const classes = [...groups.values()].flatMap((group): NamedClass[] => {
    const parts = group.map(({ change }) => change);
    const [chosen] = group.toSorted((a, b) =>
      a.name.path.length - b.name.path.length || Number(b.change.tls) - Number(a.change.tls)
    );
    if (chosen === undefined) return [];
    const { change: first, name } = chosen;
    const used = new Set(parts.map(({ tls }) => tls));
    return [{
      changes: parts,
      shown: {
        kind: first.kind,
        schemes: [...used].sort().map((tls) => tls ? "https" : "http"),
        isOnAllSchemes: used.size === schemes.size,
        ...name,
        treatment: hasCapitals(first) ? [] : first.treatment,
        rules: placesOf(first, placeOf),
        witness: first.witness,
      },
    }];
  }).sort((a, b) => compareClasses(a.shown, b.shown));
  return {
    classes,
    host: {
      fqdn,
      classes: classes.map(({ shown }) => shown),
      unchanged: new Set(unchanged.map(pairName)).size,
      ...(inexact === undefined ? {} : { inexact }),
    },
  };
}

const capitals = "capital letters in the name of the host";

/** Whether what was found is about names of the host that are not in lower case. */
function hasCapitals(change: Change): boolean {
  return change.about === "requests" &&
    change.request.authority !== change.request.authority.toLowerCase();
}

type ClassName = Pick<
  RequestClass,
  "method" | "path" | "conditions" | "except" | "before" | "after"
>;

function nameOf(change: Change): ClassName {
  if (change.about === "connections") {
    const nothing = { conditions: [], except: [], before: "", after: "" };
    return { method: "*", path: "TLS", ...nothing };
  }
  const { effects } = change;
  // Wildcards are for names in lower case; one line says so for all rules.
  if (hasCapitals(change)) {
    const nowhere = (effect: Effect) => effect.isServed ? "its rules" : effect.words;
    return {
      method: "*",
      path: "/**",
      conditions: [capitals],
      except: [],
      before: nowhere(effects.before),
      after: nowhere(effects.after),
    };
  }
  return {
    ...conditionsOf(change),
    except: exceptions(change),
    before: effects.before.words,
    after: effects.after.words,
  };
}

function conditionsOf({ before, after }: Pair): Pick<
  ClassName,
  "method" | "path" | "conditions"
> {
  const matches = [before, after].flatMap((rule) => rule?.match ?? []);
  const methods = new Set(
    matches.flatMap(({ headers }) => headers.filter(isMethod).map(({ value }) => textOf(value))),
  );
  const conditions = new Set(
    matches.flatMap((match) => otherTexts({ ...match, headers: match.headers.filter(isOther) })),
  );
  return {
    method: [...methods].join(" and ") || "*",
    path: pathName(matches.map(({ path }) => path)),
    conditions: [...conditions],
  };
}

/** A method that is named; other conditions on methods are told like those on headers. */
function isMethod({ name, value, invert }: HeaderMatch): boolean {
  return name === ":method" && value.kind === "exact" && !invert;
}

function isOther(header: HeaderMatch): boolean {
  return !isMethod(header);
}

function textOf(value: HeaderMatch["value"]): string {
  return value.kind === "present" ? "" : value.text;
}

function otherTexts(match: RouteMatch): readonly string[] {
  return conditionTexts(match).slice(1);
}

/** The paths that meet all of these, by the narrowest of them; regular expressions are all named. */
function pathName(paths: readonly PathMatch[]): string {
  const exact = paths.find(({ kind }) => kind === "exact");
  if (exact !== undefined) return pathText(exact);
  const regexes = paths.filter(({ kind }) => kind === "regex").map((path) => `~${pathText(path)}`);
  const [prefix] = paths.filter(({ kind }) => kind !== "regex").sort((a, b) =>
    pathText(b).length - pathText(a).length || Number(a.kind === "prefix") -
      Number(b.kind === "prefix")
  );
  const beginning = prefix === undefined
    ? []
    : prefix.kind === "segment-prefix"
    ? [`${pathText(prefix)}/**`]
    : regexes.length > 0 && pathText(prefix) === "/"
    ? []
    : [`${pathText(prefix)}**`];
  return [...new Set([...beginning, ...regexes])].join(" and ") || "/**";
}

/**
 * What the requests have not: conditions of rules that would take them first. Of those with another
 * path the name says nothing, which is how rules are read: the narrower path wins.
 */
function exceptions({ request, before, after, tables }: RequestChange): readonly string[] {
  const found = new Set([
    ...missedIn(tables.before, before, request),
    ...missedIn(tables.after, after, request),
  ]);
  return [...found];
}

function missedIn(
  table: HostTable | undefined,
  taker: SideRule | undefined,
  request: Request,
): readonly string[] {
  const rules = (table?.rules ?? []).slice(0, taker?.index);
  const mismatches = mismatchFinder(request);
  return rules.flatMap(({ match }) => {
    const missed = mismatches(match);
    if (missed.some(({ condition }) => condition === "path")) return [];
    const anyPath = { kind: "prefix", prefix: "/" } as const;
    const texts = [
      ...match.headers.map((header) => ({ path: anyPath, headers: [header], query: [] })),
      ...match.query.map((query) => ({ path: anyPath, headers: [], query: [query] })),
    ].filter((one) => mismatches(one).length > 0).flatMap(otherTexts);
    return texts.length === 0 ? [] : [texts.join(" and ")];
  });
}

/** Whether plain requests are, or were, sent to https, and nobody takes them otherwise. */
function isAboutHttps(change: Change): boolean {
  if (change.about === "connections" || change.tls) return false;
  const { before, after } = change.effects;
  const isRedirect = ({ words }: Effect) => words === "301 to https://…";
  return (isRedirect(before) && !after.isServed) || (isRedirect(after) && !before.isServed);
}

/** Equal for the same requests, with and without TLS, that fare alike. */
function requestsKey({ change, name: { method, path, conditions, except } }: {
  readonly change: Change;
  readonly name: ClassName;
}): string {
  const rules = change.about === "connections"
    ? []
    : [change.before?.origin ?? "", change.after?.origin ?? ""];
  return JSON.stringify([change.about, change.kind, method, path, conditions, except, rules]);
}

/** Equal for what is told as one: the same on both listeners, or with a slash and without. */
function groupKey({ change, name }: {
  readonly change: Change;
  readonly name: ClassName;
}): string {
  const withoutSlash = (text: string) => text.replace(/\/(?=\*\*| in place of|$)/g, "");
  const rules = change.about === "connections" || hasCapitals(change)
    ? []
    : [change.before?.origin ?? "", change.after?.origin ?? ""];
  return JSON.stringify([
    change.about,
    change.kind,
    {
      ...name,
      path: withoutSlash(name.path),
      // Nobody is nobody, with TLS or without.
      ...(change.kind === "lost" ? { after: "" } : change.kind === "gained" ? { before: "" } : {}),
    },
    (hasCapitals(change) ? [] : change.treatment).map(({ name, before, after }) => [
      name,
      withoutSlash(before),
      withoutSlash(after),
    ]),
    rules,
  ]);
}

function pairName(pair: Pair): string {
  const { path, ...others } = conditionsOf(pair);
  const rules = [pair.before?.origin ?? "", pair.after?.origin ?? ""];
  return JSON.stringify([path.replace(/\/(?=\*\*)/, ""), others, rules]);
}

function placesOf(change: Change, placeOf: PlaceFinder): RequestClass["rules"] {
  if (change.about === "connections") return {};
  const { before, after } = change;
  return {
    ...(before === undefined ? {} : { before: placeOf("before", before) }),
    ...(after === undefined ? {} : { after: placeOf("after", after) }),
  };
}

const ranks: Readonly<Record<ChangeKind, number>> = { lost: 0, moved: 1, gained: 2, changed: 3 };

function compareClasses(a: RequestClass, b: RequestClass): number {
  const text = ({ path, method, conditions, schemes }: RequestClass) =>
    JSON.stringify([path, method, conditions, schemes]);
  const isRare = ({ conditions: [first] }: RequestClass) => Number(first === capitals);
  return isRare(a) - isRare(b) || ranks[a.kind] - ranks[b.kind] || (text(a) < text(b) ? -1 : 1);
}
