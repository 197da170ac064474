import { type KubeObject, type ObjectKey, type PolicyObject, type TargetRef } from "../api/mod.ts";
import { type Origin, pathText, type Route, type VirtualHost } from "../graph/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { bucket, object, objectInput } from "../store/mod.ts";
import type { PolicySource } from "./calls.ts";
import type { PolicyLevel, TargetKind } from "./contract.ts";
import type { InstalledPolicy, PluginSet } from "./plugin_set.ts";

/** A policy where it is written, and how near it is to what it reaches. */
export interface Attachment extends PolicySource {
  readonly origin: Origin;
}

/** What the policies of one kind reach in a host. */
export interface Reach {
  readonly sources: readonly Attachment[];
  /** Places in `sources`, the nearest first: what holds for the host as a whole. */
  readonly ofHost: readonly number[];
  /** The same by route; routes that no policy reaches are left out. */
  readonly ofRoutes: ReadonlyMap<number, readonly number[]>;
  readonly conflicts: readonly Conflict[];
}

/** Two policies for the same thing, of which one alone can count. */
export interface Conflict {
  readonly winner: Origin;
  readonly loser: Origin;
}

/** Finds the policies that reach a host and its routes. */
export class Attachments {
  readonly #db: Db;
  readonly #host: VirtualHost;
  readonly #annotated: ReadonlyMap<string, readonly InstalledPolicy[]>;
  /** By kind of policy and {@link slotId}: what is attached there, the first one first. */
  readonly #found = new Map<InstalledPolicy, Map<string, Attachment[]>>();
  readonly #set: PluginSet;
  /** Fields for plugins that are not there. */
  readonly unknown: { readonly origin: Origin; readonly field: string }[] = [];

  constructor(db: Db, host: VirtualHost, set: PluginSet) {
    this.#db = db;
    this.#host = host;
    this.#set = set;
    this.#annotated = new Map(
      (["HTTPProxy", "Ingress", "Namespace"] as const).map((kind) => [
        kind,
        set.policies.filter(({ facts }) =>
          facts.annotations.length > 0 && facts.targets.includes(kind)
        ),
      ]),
    );
    this.#collect();
  }

  /** What policies of this kind reach; `undefined`: nothing. */
  of(policy: InstalledPolicy): Reach | undefined {
    const slots = this.#found.get(policy);
    if (slots === undefined) return undefined;
    const gathering = new Gathering(slots, policy.facts.several);
    const { owner } = this.#host;
    const ofHost = [
      ...gathering.at("host"),
      ...gathering.at(slotId("namespace", owner.namespace)),
    ];
    const ofRoutes = new Map<number, readonly number[]>();
    for (const [place, route] of this.#host.routes.entries()) {
      const { namespace } = route.origin.object;
      const own = [
        ...gathering.at(slotId("route", String(place))),
        ...gathering.at(slotId("object", objectId(route.origin.object))),
      ];
      const reached = [
        ...own,
        ...gathering.at("host"),
        ...(namespace === owner.namespace ? [] : gathering.at(slotId("namespace", namespace))),
        ...gathering.at(slotId("namespace", owner.namespace)),
      ];
      const counted = policy.facts.several === "all" ? reached : gathering.onePerLevel(reached);
      if (counted.length > 0) ofRoutes.set(place, counted);
    }
    const { sources, conflicts } = gathering;
    return sources.length === 0 ? undefined : { sources, ofHost, ofRoutes, conflicts };
  }

  #collect(): void {
    const { owner, policies, routes, sharedWith } = this.#host;
    const ownsAll = owner.kind === "HTTPProxy" || sharedWith === undefined;
    this.#fields(policies?.plugins, "host", "host", {
      object: owner,
      path: "spec.virtualhost.plugins",
    });
    const objects = new Map<string, ObjectKey>(ownsAll ? [[objectId(owner), owner]] : []);
    const routesOf = new Map<string, [number, Route][]>();
    for (const [place, route] of routes.entries()) {
      const { object, path } = route.origin;
      const id = objectId(object);
      objects.set(id, object);
      const known = routesOf.get(id);
      if (known === undefined) routesOf.set(id, [[place, route]]);
      else known.push([place, route]);
      this.#fields(route.plugins, slotId("route", String(place)), "route", {
        object,
        path: `${path}.plugins`,
      });
    }
    for (const [id, object] of objects) {
      if (object.kind !== "HTTPProxy" && object.kind !== "Ingress") continue;
      const isWhole = ownsAll && id === objectId(owner);
      const level = isWhole ? "host" : "object";
      const slot = isWhole ? "host" : slotId("object", id);
      this.#target(object.kind, object, (section) => {
        if (section === undefined || (object.kind === "Ingress" && section === this.#host.fqdn)) {
          return [{ slot, level }];
        }
        return (routesOf.get(id) ?? []).filter(([, route]) => isSection(route, section))
          .map(([place]) => ({ slot: slotId("route", String(place)), level: "route" }));
      });
      this.#annotations(object.kind, object, slot, level);
    }
    const namespaces = new Set([owner, ...objects.values()].map(({ namespace }) => namespace));
    for (const namespace of namespaces) {
      const slot = slotId("namespace", namespace);
      const target = { namespace, name: namespace };
      this.#target("Namespace", target, () => [{ slot, level: "namespace" }]);
      this.#annotations("Namespace", { namespace: "", name: namespace }, slot, "namespace");
    }
  }

  #fields(
    fields: Readonly<Record<string, unknown>> | undefined,
    slot: string,
    level: PolicyLevel,
    { object, path }: Origin,
  ): void {
    for (const [field, value] of Object.entries(fields ?? {})) {
      const origin = { object, path: memberPath(path, field) };
      const policy = this.#set.byField.get(field);
      if (policy === undefined) this.unknown.push({ origin, field });
      else {
        this.#add(policy, slot, {
          id: `${object.kind}/${object.namespace}/${object.name}#${origin.path}`,
          namespace: object.namespace,
          level,
          given: { kind: "field", value },
          origin,
        });
      }
    }
  }

  #target(
    kind: TargetKind,
    target: { readonly namespace: string; readonly name: string },
    slotsOf: (
      section: string | undefined,
    ) => readonly { readonly slot: string; readonly level: PolicyLevel }[],
  ): void {
    for (const found of policiesAt(this.#db, kind, target)) {
      const policy = this.#set.byKind.get(found.kind);
      if (policy === undefined || !policy.facts.targets.includes(kind)) continue;
      const { namespace, name } = found.metadata;
      const seen = new Set<string>();
      for (const { sectionName } of found.spec.targets.filter(names(kind, target.name))) {
        for (const { slot, level } of slotsOf(sectionName)) {
          if (seen.has(slot)) continue;
          seen.add(slot);
          this.#add(policy, slot, {
            id: `${namespace}/${name}`,
            namespace,
            level,
            given: { kind: "settings", settings: found.spec.settings },
            origin: { object: { kind: found.kind, namespace, name }, path: "spec" },
          });
        }
      }
    }
  }

  #annotations(
    kind: TargetKind,
    { namespace, name }: { readonly namespace: string; readonly name: string },
    slot: string,
    level: PolicyLevel,
  ): void {
    for (const policy of this.#annotated.get(kind) ?? []) {
      const { annotations: names } = policy.facts;
      const values = annotationsOf(this.#db, { kind, namespace, name, names });
      const [first] = Object.keys(values);
      if (first === undefined) continue;
      const object = { kind, namespace, name } as const;
      this.#add(policy, slot, {
        id: `${kind}/${namespace}/${name}#annotations`,
        namespace: kind === "Namespace" ? name : namespace,
        level,
        given: { kind: "annotations", values },
        origin: { object, path: memberPath("metadata.annotations", first) },
      });
    }
  }

  #add(policy: InstalledPolicy, slot: string, attachment: Attachment): void {
    const slots = this.#found.get(policy) ?? new Map<string, Attachment[]>();
    this.#found.set(policy, slots);
    const known = slots.get(slot);
    if (known === undefined) slots.set(slot, [attachment]);
    else known.push(attachment);
  }
}

/** Numbers the policies of one kind as they are found to reach something. */
class Gathering {
  readonly sources: Attachment[] = [];
  readonly conflicts: Conflict[] = [];
  readonly #slots: ReadonlyMap<string, readonly Attachment[]>;
  readonly #several: "oldest" | "all";
  readonly #places = new Map<string, readonly number[]>();
  readonly #byOrigin = new Map<string, number>();

  constructor(
    slots: ReadonlyMap<string, readonly Attachment[]>,
    several: "oldest" | "all",
  ) {
    this.#slots = slots;
    this.#several = several;
  }

  /** Places of what counts there. */
  at(slot: string): readonly number[] {
    const known = this.#places.get(slot);
    if (known !== undefined) return known;
    const [first, ...others] = this.#slots.get(slot) ?? [];
    const all = first === undefined ? [] : [first, ...others];
    const counted = this.#several === "all" ? all : all.slice(0, 1);
    if (first !== undefined && this.#several === "oldest") {
      this.conflicts.push(...others.map(({ origin: loser }) => ({ winner: first.origin, loser })));
    }
    const places = counted.map((attachment) => this.#place(attachment));
    this.#places.set(slot, places);
    return places;
  }

  /** Of several at one level the first. */
  onePerLevel(places: readonly number[]): readonly number[] {
    const levels = new Set<PolicyLevel | undefined>();
    return places.filter((place) => {
      const level = this.sources[place]?.level;
      if (levels.has(level)) return false;
      levels.add(level);
      return true;
    });
  }

  #place(attachment: Attachment): number {
    // An object may be for several routes, and be as near to each.
    const id = `${attachment.level} ${attachment.id}`;
    const known = this.#byOrigin.get(id);
    if (known !== undefined) return known;
    this.#byOrigin.set(id, this.sources.length);
    return this.sources.push(attachment) - 1;
  }
}

/** Policies for a target, the older first, then by name. */
function policiesAt(
  db: Db,
  kind: TargetKind,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): readonly PolicyObject[] {
  const keys = bucket(db, "policy-by-target", `${kind}/${namespace}/${name}`);
  if (keys.length === 0) return [];
  const found = keys.flatMap((key) => (db.get(objectInput, key) as PolicyObject | undefined) ?? []);
  const age = ({ metadata }: PolicyObject) => metadata.creationTimestamp ?? "~";
  return found.sort((a, b) => {
    if (age(a) !== age(b)) return age(a) < age(b) ? -1 : 1;
    return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
  });
}

/** A query of its own, so that other annotations and the rest of the object can change. */
const annotationsOf = query(
  "policy-annotations",
  (db, { kind, namespace, name, names: wanted }: {
    readonly kind: TargetKind;
    readonly namespace: string;
    readonly name: string;
    readonly names: readonly string[];
  }): Readonly<Record<string, string>> => {
    const found: KubeObject | undefined = object(db, kind, { namespace, name });
    const annotations = found?.metadata.annotations ?? {};
    return Object.fromEntries(
      wanted.flatMap((name) => {
        const value = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
        return value === undefined ? [] : [[name, value]];
      }),
    );
  },
);

function names(kind: TargetKind, name: string): (ref: TargetRef) => boolean {
  return (ref) => ref.kind === kind && ref.name === name;
}

/** Whether a route is what a `sectionName` of its object means. */
export function isSection({ origin, match }: Route, section: string): boolean {
  return origin.path === `spec.${section}` || pathText(match.path) === section;
}

function slotId(kind: "route" | "object" | "namespace", id: string): string {
  return `${kind} ${id}`;
}

function objectId({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

function memberPath(path: string, name: string): string {
  return /^[A-Za-z_$][\w$-]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}
