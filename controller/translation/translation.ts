import { type Diagnostic, isPolicyKind, keyId, keyOf, type ObjectKey } from "../api/mod.ts";
import {
  createLayout,
  type EnvoyOptions,
  envoyOptionsInput,
  hostFragmentOf,
  type Layout,
  type LayoutKind,
  type Resource,
  type ResourceDelta,
  type ResourceRef,
} from "../envoy/mod.ts";
import { hostSteps, type VirtualHost, virtualHost } from "../graph/mod.ts";
import { type FeedChange, type PluginSet, pluginsInput } from "../plugin/mod.ts";
import {
  type Db,
  equal,
  type FamilyDelta,
  LiveDb,
  type OnFailure,
  type OutputDelta,
  Outputs,
  type Statistics,
} from "../query/mod.ts";
import { type Batch, refusalInput, type Settings, settingsInput, Store } from "../store/mod.ts";
import type { ObjectStatus } from "../status/mod.ts";
import { families, type FamilyValues, sources, standing } from "./families.ts";
import { Feeds } from "./feeds.ts";
import { Notices } from "./notices.ts";
import { noticed, PolicyStatuses } from "./policy_statuses.ts";
import { ResourceOwners } from "./resource_owners.ts";

/** What translation depends on beside the objects. */
export interface TranslationOptions {
  readonly settings: Settings;
  readonly envoy: EnvoyOptions;
  readonly layout: LayoutKind;
  /** Told when a query threw, which is a mistake of ours; default: it is thrown on. */
  readonly onFailure?: OnFailure;
  /** The plugins in use; what they add for all hosts is part of `envoy`. Default: none. */
  readonly plugins?: PluginSet | undefined;
}

/** What one settle changed. */
export interface TranslationDelta {
  readonly resources: ResourceDelta;
  readonly statuses: {
    readonly changed: readonly ObjectStatus[];
    /** Objects that are gone or no longer ours, by key id. */
    readonly removed: readonly string[];
  };
  /** What services of plugins are to be told, by plugin. */
  readonly feeds: ReadonlyMap<string, FeedChange>;
}

/**
 * Objects in, Envoy resources and statuses out, incrementally: what a change costs depends on what
 * it touches, not on how much there is. `apply` as often as there is news, then `settle` once.
 */
export class Translation {
  readonly #db = new LiveDb();
  readonly #outputs: Outputs;
  readonly #store: Store;
  readonly #layout: Layout;
  readonly #owners = new ResourceOwners();
  readonly #notices = new Notices();
  readonly #policies = new PolicyStatuses();
  readonly #plugins: PluginSet | undefined;
  readonly #feeds = new Feeds();
  readonly #statuses = new Map<string, ObjectStatus>();
  readonly #hostNames = new Set<string>();

  constructor({ settings, envoy, layout, onFailure, plugins }: TranslationOptions) {
    this.#outputs = new Outputs(this.#db, families, onFailure);
    this.#store = new Store(this.#db, this.#outputs, sources);
    this.#layout = createLayout(layout, envoy);
    this.#db.set(envoyOptionsInput, "options", envoy);
    this.#plugins = plugins;
    if (plugins !== undefined) this.#db.set(pluginsInput, "plugins", plugins);
    this.configure(settings);
    for (const demand of standing) this.#outputs.demand(demand);
  }

  /** Takes a batch of objects in. Returns how many really changed. */
  apply(batch: Batch): number {
    return this.#store.apply(batch);
  }

  /** Replaces the settings. */
  configure(settings: Settings): void {
    this.#db.set(settingsInput, "settings", settings);
  }

  /** Notes what Envoy refused of an object, or that it refuses it no longer. */
  refuse(object: ObjectKey, message: string | undefined): void {
    const { kind, namespace, name } = object;
    const refusal = message === undefined ? undefined : { message };
    this.#db.set(refusalInput, { kind, namespace, name }, refusal);
  }

  /**
   * Brings everything up to date and says what changed. Yields between outputs, so that a long
   * settle can be run in slices. Batches must not be applied before it has ended.
   */
  *settle(): Generator<void, TranslationDelta> {
    const delta = yield* this.#outputs.settle();
    const hosts = familyDelta(delta, "hosts");
    const fragments = new Map<string, NonNullable<FamilyValues["hosts"]>>();
    const gone = [...hosts.removed];
    for (const [fqdn, fragment] of hosts.changed) {
      if (fragment === undefined) gone.push(fqdn);
      else fragments.set(fqdn, fragment);
    }
    const [services] = familyDelta(delta, "globalServices").changed.values();
    for (const [fqdn, { diagnostics, feed }] of fragments) {
      this.#hostNames.add(fqdn);
      this.#notices.set(`hosts ${fqdn}`, { diagnostics: noticed(diagnostics) });
      this.#feeds.set(fqdn, feed);
    }
    for (const fqdn of gone) {
      this.#hostNames.delete(fqdn);
      this.#notices.set(`hosts ${fqdn}`, undefined);
      this.#feeds.set(fqdn, undefined);
    }
    const shared = this.#layout.update({
      hosts: { changed: fragments, removed: gone },
      ...(services === undefined ? {} : { services: services.services }),
    });
    const own = this.#ownResources(delta);
    return {
      resources: {
        changed: [...own.changed, ...shared.changed],
        removed: [...own.removed, ...shared.removed],
      },
      statuses: this.#changedStatuses(delta),
      feeds: this.#feeds.take(),
    };
  }

  /**
   * Works out ahead what the next settle needs of the hosts that were touched, one step of one host
   * after the other. Between two steps changes of endpoints may be applied and settled by
   * {@link Translation.settleEndpoints}, so that nobody waits for a host with thousands of routes.
   */
  *prepare(): Generator<void> {
    for (const key of this.#outputs.touched("hosts")) {
      if (typeof key !== "string") continue;
      // What fails here fails again when it is settled, and is told then.
      yield* passing(hostSteps(this.#db, key));
      yield* passing(fragmentStep(this.#db, key));
    }
  }

  /** Brings the endpoints up to date, and leaves everything else to the next settle. */
  *settleEndpoints(): Generator<void, TranslationDelta> {
    const delta = yield* this.#outputs.settle(endpointFamilies);
    return {
      resources: this.#ownResources(delta),
      statuses: this.#changedStatuses(delta),
      feeds: new Map(),
    };
  }

  /** {@link Translation.settle} in one go. */
  settleNow(): TranslationDelta {
    const slices = this.settle();
    for (;;) {
      const step = slices.next();
      if (step.done) return step.value;
    }
  }

  /** Where hosts are put together into what Envoy subscribes to, and refusals of that are contained. */
  get layout(): Layout {
    return this.#layout;
  }

  /** All resources, in no particular order. */
  *resources(): Iterable<Resource> {
    yield* this.#owners.resources();
    yield* this.#layout.resources();
  }

  /** The statuses of all objects that have one, by key id. */
  get statuses(): ReadonlyMap<string, ObjectStatus> {
    return this.#statuses;
  }

  /** The virtual host of this name, for questions about single requests. */
  host(fqdn: string): VirtualHost | undefined {
    return virtualHost(this.#db, fqdn);
  }

  /** The names of all hosts that are served, in no particular order. */
  hostNames(): Iterable<string> {
    return this.#hostNames.values();
  }

  /** Whether a host of this name is served. */
  hasHost(fqdn: string): boolean {
    return this.host(fqdn) !== undefined;
  }

  /** The policies of the plugin that a filter or a cluster of this name is of; by key. */
  policiesOf(resource: string): readonly ObjectKey[] {
    const [, plugin] = /^plugin[./]([^./]+)[./]/.exec(resource) ?? [];
    const policies =
      this.#plugins?.policies.filter((policy) => policy.plugin.facts.name === plugin) ?? [];
    const kinds = new Set<string>(policies.map(({ facts }) => facts.kind));
    if (kinds.size === 0) return [];
    return [...this.#store.objects()].filter(({ kind }) => kinds.has(kind)).map(keyOf)
      .sort((a, b) => keyId(a) < keyId(b) ? -1 : 1);
  }

  /** The objects held. */
  get store(): Store {
    return this.#store;
  }

  /** Sizes of the engine, and memos visited since the start. */
  statistics(): Statistics {
    return this.#db.statistics();
  }

  /** Memos by query, for the debug page. */
  memoCounts(): ReadonlyMap<string, number> {
    return this.#db.memoCounts();
  }

  /** Calls `listener` with query and key for each computation from now on. */
  onCompute(listener: (query: string, key: string) => void): void {
    this.#db.onCompute(listener);
  }

  /** Every fact that is set: what a cold translation needs to come to the same. */
  facts(): ReturnType<LiveDb["facts"]> {
    return this.#db.facts();
  }

  #ownResources(delta: OutputDelta): ResourceDelta {
    const changed: Resource[] = [];
    const removed: ResourceRef[] = [];
    for (const { id, resource, diagnostics } of ownResources(delta)) {
      this.#notices.set(id, { diagnostics });
      const news = this.#owners.set(id, resource);
      if (news.changed !== undefined) changed.push(news.changed);
      if (news.removed !== undefined) removed.push(news.removed);
    }
    // A new way of using a Service may bear the name of the one it replaces.
    return { changed, removed: removed.filter((ref) => !this.#owners.has(ref)) };
  }

  #changedStatuses(delta: OutputDelta): TranslationDelta["statuses"] {
    const statuses = familyDelta(delta, "statuses");
    const changed: ObjectStatus[] = [];
    const removed: string[] = [];
    for (const [text, status] of statuses.changed) {
      if (status === undefined) removed.push(...this.#dropStatus(text));
      else if (status.policyStatus !== undefined) {
        this.#policies.set(status);
        changed.push(...this.#changedPolicy(status.key));
      } else {
        changed.push(status);
        this.#statuses.set(keyId(status.key), status);
      }
    }
    for (const text of statuses.removed) removed.push(...this.#dropStatus(text));
    for (const status of this.#notices.takeChanged()) {
      if (isPolicyKind(status.key.kind)) {
        changed.push(...this.#changedPolicy(status.key));
        continue;
      }
      // Endpoints come and go while the same thing stays wrong with a Service.
      if (equal(this.#statuses.get(keyId(status.key)), status)) continue;
      if (status.diagnostics.length > 0) {
        changed.push(status);
        this.#statuses.set(keyId(status.key), status);
      } else if (this.#statuses.delete(keyId(status.key))) removed.push(keyId(status.key));
    }
    return { changed, removed };
  }

  #changedPolicy(key: ObjectKey): readonly ObjectStatus[] {
    const status = this.#policies.whole(key, this.#notices.of(key));
    if (status === undefined || equal(this.#statuses.get(keyId(key)), status)) return [];
    this.#statuses.set(keyId(key), status);
    return [status];
  }

  #dropStatus(keyText: string): string[] {
    const id = keyId(JSON.parse(keyText) as ObjectKey);
    this.#policies.delete(id);
    return this.#statuses.delete(id) ? [id] : [];
  }
}

/** What stands for itself: resources by the output they come of, and what is wrong with them. */
interface OwnResource {
  readonly id: string;
  /** Absent when the output is gone. */
  readonly resource: Resource | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function* ownResources(delta: OutputDelta): Iterable<OwnResource> {
  for (const family of ["clusters", "assignments"] as const) {
    const { changed, removed } = familyDelta(delta, family);
    for (const [id, output] of changed) {
      const { resource, diagnostics = [] } = output ?? {};
      yield { id: `${family} ${id}`, resource, diagnostics };
    }
    for (const id of removed) yield gone(`${family} ${id}`);
  }
  // What is wrong with an ExtensionService stands in its own status.
  for (const family of ["extensions", "extensionAssignments"] as const) {
    const { changed, removed } = familyDelta(delta, family);
    for (const [id, output] of changed) {
      yield { id: `${family} ${id}`, resource: output?.resource, diagnostics: [] };
    }
    for (const id of removed) yield gone(`${family} ${id}`);
  }
  for (const family of ["keyServers", "certificates"] as const) {
    const { changed, removed } = familyDelta(delta, family);
    for (const [id, resource] of changed) {
      yield { id: `${family} ${id}`, resource, diagnostics: [] };
    }
    for (const id of removed) yield gone(`${family} ${id}`);
  }
}

function gone(id: string): OwnResource {
  return { id, resource: undefined, diagnostics: [] };
}

/** One family's share of a delta, with the types its values have. */
function familyDelta<Name extends keyof FamilyValues>(
  delta: OutputDelta,
  name: Name,
): TypedDelta<FamilyValues[Name]> {
  const found: FamilyDelta = delta.get(name) ?? { changed: new Map(), removed: [] };
  return found as TypedDelta<FamilyValues[Name]>;
}

interface TypedDelta<Value> {
  readonly changed: ReadonlyMap<string, Value>;
  readonly removed: readonly string[];
}

/** Families that depend on Services and their endpoints alone. */
const endpointFamilies: ReadonlySet<string> = new Set(["assignments", "extensionAssignments"]);

function* fragmentStep(db: Db, fqdn: string): Generator<void> {
  hostFragmentOf(db, fqdn);
  yield;
}

/** Steps until one throws. */
function* passing(steps: Generator<void>): Generator<void> {
  try {
    yield* steps;
  } catch {
    yield;
  }
}
