import assert from "node:assert/strict";
import { keyId, type KubeObject } from "../../controller/api/mod.ts";
import { defaultEnvoyOptions, type LayoutKind, type Resource } from "../../controller/envoy/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import type { ObjectStatus } from "../../controller/status/mod.ts";
import type { Furnishing } from "../../controller/plugin/mod.ts";
import {
  type ColdOptions,
  type ColdTranslation,
  translateCold,
  Translation,
  type TranslationDelta,
} from "../../controller/translation/mod.ts";
import { decode, toJson, typeName } from "../../proto/mod.ts";
import type { Edit, Script } from "../support/world.ts";

/**
 * Plays a script against live translations in both layouts and holds them, after each batch, against
 * a cold one: what they hold, and what follows from their deltas, which must say nothing twice. In the
 * end everything is deleted, and nothing may be left. Throws what does not hold. `plugins` are in use.
 */
export function runScript(script: Script, plugins?: Furnishing): void {
  const run = new Run(plugins);
  for (const [step, batch] of script.entries()) {
    try {
      run.step(batch);
    } catch (cause) {
      throw new Error(`Step ${step} of ${script.length} fails`, { cause });
    }
  }
  run.end();
}

const layouts: readonly LayoutKind[] = ["flat", "scoped"];

type Surroundings = Pick<ColdOptions, "envoy" | "plugins">;

class Run {
  readonly #objects = new Map<string, KubeObject>();
  #settings: Settings = defaultSettings;
  #steps = 0;
  readonly #surroundings: Surroundings;
  readonly #live: readonly Followed[];

  constructor(plugins: Furnishing | undefined) {
    this.#surroundings = plugins === undefined ? { envoy: defaultEnvoyOptions } : {
      envoy: { ...defaultEnvoyOptions, plugins: plugins.envoy },
      plugins: plugins.set,
    };
    this.#live = layouts.map((layout) => new Followed(layout, this.#surroundings));
  }

  step(batch: readonly Edit[]): void {
    for (const edit of batch) {
      switch (edit.kind) {
        case "apply":
          this.#objects.set(keyIdOf(edit.object), edit.object);
          break;
        case "delete":
          this.#objects.delete(keyId(edit.key));
          break;
        case "configure":
          this.#settings = edit.settings;
      }
    }
    for (const followed of this.#live) followed.take(batch);
    // One layout a step, in turn, since the cold translation takes nearly all the time.
    this.#compare(this.#live[this.#steps++ % this.#live.length]);
  }

  end(): void {
    const deletions = [...this.#objects.values()].map((object): Edit => {
      const { namespace, name } = object.metadata;
      return { kind: "delete", key: { kind: object.kind, namespace, name } };
    });
    for (const followed of this.#live) this.#compare(followed);
    this.step([...deletions, { kind: "configure", settings: defaultSettings }]);
    for (const followed of this.#live) {
      this.#compare(followed);
      followed.compareWithStart();
    }
  }

  #compare(followed: Followed | undefined): void {
    if (followed === undefined) return;
    const { layout } = followed;
    const options = { settings: this.#settings, ...this.#surroundings, layout };
    followed.compare(translateCold([...this.#objects.values()], options));
  }
}

/** A live translation, and a mirror of it that knows only its deltas. */
class Followed {
  readonly #live: Translation;
  readonly #start: { readonly memos: number; readonly inputs: number };
  readonly #resources = new Map<string, Resource>();
  readonly #statuses = new Map<string, ObjectStatus>();

  constructor(readonly layout: LayoutKind, surroundings: Surroundings) {
    this.#live = new Translation({ settings: defaultSettings, ...surroundings, layout });
    this.#mirror(this.#live.settleNow());
    this.#start = sizes(this.#live);
  }

  take(batch: readonly Edit[]): void {
    // An object that is applied and deleted in one batch is deleted, so the order goes by batches.
    for (const edit of batch) {
      switch (edit.kind) {
        case "apply":
          this.#live.apply({ applied: [edit.object] });
          break;
        case "delete":
          this.#live.apply({ deleted: [edit.key] });
          break;
        case "configure":
          this.#live.configure(edit.settings);
      }
    }
    this.#mirror(this.#live.settleNow());
  }

  /** The whole live translation with a cold one. */
  compare(cold: ColdTranslation): void {
    const live = byRef(this.#live.resources());
    compareMaps(`${this.layout} resources`, live, cold.resources, sameResource);
    compareMaps(`${this.layout} resources by deltas`, this.#resources, live, sameResource);
    const statuses = new Map(cold.statuses.map((status) => [keyId(status.key), status]));
    compareMaps(`statuses`, this.#live.statuses, statuses, sameStatus);
    compareMaps(`statuses by deltas`, this.#statuses, this.#live.statuses, sameStatus);
  }

  compareWithStart(): void {
    assert.deepEqual(sizes(this.#live), this.#start, "something is remembered of what is gone");
  }

  /** Applies a delta, which must hold nothing that is so already. */
  #mirror({ resources, statuses }: TranslationDelta): void {
    for (const ref of resources.removed) {
      const known = this.#resources.delete(refText(ref));
      assert.ok(known, `${this.layout}: ${refText(ref)} is removed and was not there`);
    }
    for (const resource of resources.changed) {
      const known = this.#resources.get(refText(resource));
      const news = known === undefined || !sameResource(known, resource);
      assert.ok(news, `${this.layout}: ${refText(resource)} is sent again`);
      this.#resources.set(refText(resource), resource);
    }
    for (const id of statuses.removed) {
      assert.ok(this.#statuses.delete(id), `the status of ${id} is removed and was not there`);
    }
    for (const status of statuses.changed) {
      const known = this.#statuses.get(keyId(status.key));
      const news = known === undefined || !sameStatus(known, status);
      assert.ok(news, `the status of ${keyId(status.key)} is written again`);
      this.#statuses.set(keyId(status.key), status);
    }
  }
}

function sizes(translation: Translation) {
  const { memos, inputs } = translation.statistics();
  return { memos, inputs };
}

function byRef(resources: Iterable<Resource>): ReadonlyMap<string, Resource> {
  const map = new Map<string, Resource>();
  for (const resource of resources) {
    assert.ok(!map.has(refText(resource)), `${refText(resource)} is there twice`);
    map.set(refText(resource), resource);
  }
  return map;
}

function refText({ typeUrl, name }: { readonly typeUrl: string; readonly name: string }): string {
  return `${typeUrl} ${name}`;
}

function keyIdOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return keyId({ kind, namespace, name });
}

function compareMaps<T>(
  what: string,
  actual: ReadonlyMap<string, T>,
  expected: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): void {
  const differing = [...new Set([...actual.keys(), ...expected.keys()])].filter((key) => {
    const [a, b] = [actual.get(key), expected.get(key)];
    return a === undefined || b === undefined || !same(a, b);
  });
  const [first] = differing;
  if (first === undefined) return;
  const shown = [actual, expected].map((map) => JSON.stringify(readable(map.get(first)), null, 1));
  assert.equal(shown[0], shown[1], `${what}: ${differing.join(", ")}`);
  assert.fail(`${what}: ${differing.join(", ")}`);
}

/** A resource as its message, with what it waits for; anything else as it is. */
function readable(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("body" in value)) return value;
  const { typeUrl, body, ...rest } = value as Resource;
  const type = typeName(typeUrl);
  return { ...rest, message: toJson(type, decode(type, body)) };
}

function sameResource(a: Resource, b: Resource): boolean {
  return a.version === b.version && sameBytes(a.body, b.body) && sameRefs(a.needs, b.needs) &&
    sameRefs(a.warms, b.warms);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, i) => byte === b[i]));
}

function sameRefs(a: Resource["needs"], b: Resource["needs"]): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function sameStatus(a: ObjectStatus, b: ObjectStatus): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
