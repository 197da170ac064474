import { equal } from "../query/mod.ts";
import type { FeedChange, Json } from "../plugin/mod.ts";

/** What hosts feed the services of plugins: see {@link FeedChange}. */
export class Feeds {
  /** By plugin and key: what each host says. */
  readonly #said = new Map<string, Map<string, Map<string, Json>>>();
  /** Which plugin is told what by a host. */
  readonly #ofHost = new Map<string, HostFeed>();
  /** What was in force at the last {@link take}, where it may have changed. */
  readonly #before = new Map<string, Map<string, Json | undefined>>();

  /** Notes what a host feeds from now on. */
  set(fqdn: string, feed: HostFeed | undefined): void {
    const known = this.#ofHost.get(fqdn);
    if (known === undefined && feed === undefined) return;
    for (const [plugin, values] of known ?? []) {
      for (const key of Object.keys(values)) this.#say(plugin, key, fqdn, undefined);
    }
    for (const [plugin, values] of feed ?? []) {
      for (const [key, value] of Object.entries(values)) this.#say(plugin, key, fqdn, value);
    }
    if (feed === undefined) this.#ofHost.delete(fqdn);
    else this.#ofHost.set(fqdn, feed);
  }

  /** What changed since the last call, by plugin. */
  take(): ReadonlyMap<string, FeedChange> {
    const changes = new Map<string, FeedChange>();
    for (const [plugin, keys] of this.#before) {
      const changed = new Map<string, Json>();
      const removed: string[] = [];
      for (const [key, before] of keys) {
        const now = this.#inForce(plugin, key);
        if (equal(before, now)) continue;
        if (now === undefined) removed.push(key);
        else changed.set(key, now);
      }
      if (changed.size + removed.length > 0) changes.set(plugin, { changed, removed });
    }
    this.#before.clear();
    return changes;
  }

  #say(plugin: string, key: string, fqdn: string, value: Json | undefined): void {
    const before = this.#before.get(plugin) ?? new Map<string, Json | undefined>();
    this.#before.set(plugin, before);
    if (!before.has(key)) before.set(key, this.#inForce(plugin, key));
    const keys = this.#said.get(plugin) ?? new Map<string, Map<string, Json>>();
    this.#said.set(plugin, keys);
    const hosts = keys.get(key) ?? new Map<string, Json>();
    if (value === undefined) hosts.delete(fqdn);
    else hosts.set(fqdn, value);
    if (hosts.size > 0) keys.set(key, hosts);
    else keys.delete(key);
  }

  #inForce(plugin: string, key: string): Json | undefined {
    const hosts = this.#said.get(plugin)?.get(key);
    if (hosts === undefined) return undefined;
    let first: string | undefined;
    for (const host of hosts.keys()) if (first === undefined || host < first) first = host;
    return first === undefined ? undefined : hosts.get(first);
  }
}

/** What a host feeds, by plugin and key. */
type HostFeed = ReadonlyMap<string, Readonly<Record<string, Json>>>;
