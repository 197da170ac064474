import { isDeepStrictEqual } from "node:util";
import { keyId, type ObjectKey } from "../api/mod.ts";
import { ApiError, errorOfStatus, UnreachableError } from "./api_error.ts";
import { Backoff } from "./backoff.ts";
import type { KubeClient, WatchEvent } from "./client.ts";
import { type Clock, Linked, sleep } from "./clock.ts";
import type { Scope } from "./object_table.ts";
import { listPath } from "./resources.ts";

/**
 * Keeps a copy of a part of the cluster up to date until the signal aborts: lists it in pages, then
 * follows its changes from there. A stream that ends is taken up where it ended; where the server
 * has forgotten that moment, or what it says makes no sense, everything is listed again. Whatever
 * fails is tried again, later each time. Resolves at the end, and never rejects.
 * See https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function reflect(options: ReflectorOptions): Promise<void> {
  await new Reflector(options).run();
}

/** See {@link reflect}. */
export interface ReflectorOptions {
  readonly scope: Scope;
  readonly client: KubeClient;
  readonly sink: ReflectorSink;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Other times than usual, for tests. */
  readonly timing?: Partial<ReflectorTiming>;
}

/** Who takes what the server says. */
export interface ReflectorSink {
  /** There is this object; the answer is its key, if it is one. */
  put(value: unknown): ObjectKey | undefined;
  /** It is gone. */
  remove(value: unknown): void;
  /** These are all there are. */
  retain(ids: ReadonlySet<string>): void;
  /** What was said since the last call belongs together. */
  flush(): void;
  /** How the reflector stands; told whenever that changes. */
  state(state: ReflectorState): void;
  /** For metrics: told of every step. */
  count(step: ReflectorStep): void;
}

/** How a reflector stands. */
export type ReflectorState =
  /** Everything is being listed. */
  | { readonly kind: "listing" }
  /** The copy is complete and followed. */
  | { readonly kind: "watching" }
  /** The server does not serve the kind (yet): its CustomResourceDefinition is missing. */
  | { readonly kind: "absent"; readonly message: string }
  /** We lack the right to list or to watch. */
  | { readonly kind: "forbidden"; readonly message: string }
  /** The server cannot be reached, or fails. */
  | { readonly kind: "failing"; readonly message: string };

/**
 * A step of a reflector: a list or a watch begun, a version the server had forgotten, a stream that
 * had gone quiet, any other failure.
 */
export type ReflectorStep = "list" | "watch" | "expired" | "quiet" | "failure";

/** All in milliseconds but `pageSize`. */
export interface ReflectorTiming {
  /** Objects a page. */
  readonly pageSize: number;
  readonly listTimeoutMs: number;
  /** A watch is asked to end after this time and up to twice as long. */
  readonly watchMs: number;
  /** How long a server may take to agree to a watch. */
  readonly acceptMs: number;
  /** A watch without any event is given up: bookmarks come every minute at least. */
  readonly quietMs: number;
  readonly firstBackoffMs: number;
  readonly mostBackoffMs: number;
  /** A stream that lived this long was a good one, even if it brought nothing. */
  readonly goodStreamMs: number;
}

const usual: ReflectorTiming = {
  pageSize: 500,
  listTimeoutMs: 60_000,
  watchMs: 300_000,
  acceptMs: 30_000,
  quietMs: 100_000,
  firstBackoffMs: 100,
  mostBackoffMs: 5_000,
  goodStreamMs: 5_000,
};

/** So many answers of a watch without a single event, and we rather list again. */
const mostFruitless = 4;

class Reflector {
  readonly #options: ReflectorOptions;
  readonly #timing: ReflectorTiming;
  readonly #backoff: Backoff;
  readonly #path: string;
  readonly #selector: Readonly<Record<string, string>>;
  /** The version the copy stands at; `undefined` before it is complete. */
  #version: string | undefined;
  #state: ReflectorState = { kind: "listing" };
  #fruitless = 0;
  /** Whether the server has agreed to the last watch. */
  #agreed = false;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#timing = { ...usual, ...options.timing };
    this.#backoff = new Backoff({
      firstMs: this.#timing.firstBackoffMs,
      mostMs: this.#timing.mostBackoffMs,
      random: options.random,
    });
    const { resource, namespace, name } = options.scope;
    this.#path = listPath(resource, namespace);
    const fields = [
      ...(resource.fieldSelector === undefined ? [] : [resource.fieldSelector]),
      ...(name === undefined ? [] : [`metadata.name=${name}`]),
    ];
    this.#selector = fields.length === 0 ? {} : { fieldSelector: fields.join(",") };
  }

  async run(): Promise<void> {
    const { signal, clock, random } = this.#options;
    while (!signal.aborted) {
      let askedToWaitMs: number | undefined;
      try {
        if (this.#version === undefined) {
          this.#version = await this.#list();
          continue;
        }
        await this.#watch(this.#version);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
        if (error instanceof ApiError) askedToWaitMs = error.retryAfterMs;
      }
      // A moment even after a stream that ended well, since many of them end together.
      const waitMs = this.#backoff.next();
      await sleep(clock, Math.max(waitMs, (askedToWaitMs ?? 0) * (1 + random() / 4)), signal);
    }
  }

  /** Lists everything and returns the version that is. */
  async #list(): Promise<string> {
    const { sink } = this.#options;
    for (let whole = false;; whole = true) {
      sink.count("list");
      const ids = new Set<string>();
      try {
        const version = await this.#pages(ids, whole);
        sink.retain(ids);
        this.#enter({ kind: "watching" });
        sink.flush();
        return version;
      } catch (error) {
        // The pages took longer than the server remembers: all in one, then.
        if (!isExpired(error) || whole) throw error;
        sink.count("expired");
      }
    }
  }

  async #pages(ids: Set<string>, whole: boolean): Promise<string> {
    const { client, sink, signal } = this.#options;
    const { pageSize, listTimeoutMs } = this.#timing;
    const limit: Record<string, string> = whole ? {} : { limit: String(pageSize) };
    let next: string | undefined;
    for (;;) {
      const query = { ...this.#selector, ...limit, ...(next ? { continue: next } : {}) };
      const answer = await client.request(
        { method: "GET", path: this.#path, query, timeoutMs: listTimeoutMs },
        signal,
      );
      const page = readPage(this.#path, answer);
      for (const item of page.items) {
        const key = sink.put(item);
        if (key !== undefined) ids.add(keyId(key));
      }
      sink.flush();
      next = page.next;
      if (next === undefined) return page.version;
    }
  }

  /** Follows changes until the stream ends for whatever reason. */
  async #watch(from: string): Promise<void> {
    const { client, sink, signal, clock, random } = this.#options;
    const { watchMs, acceptMs, quietMs, goodStreamMs } = this.#timing;
    using own = new Linked(signal);
    const begin = clock.monotonic();
    let alive = begin;
    let patienceMs = acceptMs;
    let cancel = () => {};
    const watchdog = () => {
      cancel = clock.after(Math.max(1, alive + patienceMs - clock.monotonic()), () => {
        if (clock.monotonic() - alive < patienceMs) return watchdog();
        own.abort(new QuietError(`Cannot watch ${this.#path}: nothing came for ${patienceMs} ms`));
      });
    };
    watchdog();
    sink.count("watch");
    this.#agreed = false;
    let events = 0;
    try {
      const query = {
        ...this.#selector,
        allowWatchBookmarks: "true",
        resourceVersion: from,
        timeoutSeconds: String(Math.ceil(watchMs * (1 + random()) / 1_000)),
      };
      for await (const batch of client.watch({ path: this.#path, query }, own.signal)) {
        alive = clock.monotonic();
        this.#agreed = true;
        if (patienceMs !== quietMs) {
          patienceMs = quietMs;
          cancel();
          watchdog();
        }
        try {
          for (const event of batch) {
            this.#take(event);
            events++;
          }
        } finally {
          sink.flush();
        }
        this.#enter({ kind: "watching" });
      }
    } finally {
      cancel();
      const wasGood = events > 0 || clock.monotonic() - begin >= goodStreamMs;
      this.#fruitless = wasGood ? 0 : this.#fruitless + 1;
      if (wasGood) this.#backoff.reset();
    }
    if (this.#fruitless >= mostFruitless) this.#listAgain();
  }

  #take({ type, object }: WatchEvent): void {
    const { sink } = this.#options;
    switch (type) {
      case "ADDED":
      case "MODIFIED":
        sink.put(object);
        break;
      case "DELETED":
        sink.remove(object);
        break;
      case "BOOKMARK":
        break;
      case "ERROR":
        throw errorOfStatus(`Cannot watch ${this.#path}`, object);
    }
    this.#version = versionOf(object) ?? this.#version;
  }

  /** Notes a failure, and what follows from it. */
  #failed(error: unknown): void {
    const { sink } = this.#options;
    if (error instanceof QuietError) return sink.count("quiet");
    if (isExpired(error)) {
      sink.count("expired");
      return this.#listAgain();
    }
    sink.count("failure");
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UnreachableError) {
      // A stream broke, as streams do, young ones too: a failure only if it cannot be taken up again.
      const forgiven = this.#agreed ? 1 : 0;
      const isNews = this.#state.kind !== "watching" || this.#fruitless > forgiven;
      if (isNews) this.#enter({ kind: "failing", message });
      // Nobody answered: the version is as good as before.
      this.#fruitless = Math.min(this.#fruitless, 1);
      return;
    }
    if (this.#fruitless >= mostFruitless) this.#listAgain();
    const status = error instanceof ApiError ? error.status : undefined;
    const kind = status === 404 ? "absent" : status === 403 ? "forbidden" : "failing";
    this.#enter({ kind, message });
  }

  #listAgain(): void {
    this.#version = undefined;
    this.#fruitless = 0;
  }

  #enter(state: ReflectorState): void {
    if (isDeepStrictEqual(this.#state, state)) return;
    this.#state = state;
    this.#options.sink.state(state);
  }
}

/** A stream that brought nothing for too long. */
class QuietError extends Error {
  override readonly name = "QuietError";
}

interface Page {
  readonly items: readonly unknown[];
  readonly next: string | undefined;
  readonly version: string;
}

function readPage(path: string, answer: unknown): Page {
  const { items, metadata } = (answer ?? {}) as {
    readonly items?: unknown;
    readonly metadata?: { readonly continue?: unknown; readonly resourceVersion?: unknown };
  };
  const version = metadata?.resourceVersion;
  if (typeof version !== "string" || version === "") {
    throw new UnreachableError(`Cannot list ${path}: the answer is no list`);
  }
  const next = metadata?.continue;
  return {
    // Go writes an empty list as null.
    items: Array.isArray(items) ? items : [],
    next: typeof next === "string" && next !== "" ? next : undefined,
    version,
  };
}

function versionOf(object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as { readonly metadata?: { resourceVersion?: unknown } };
  const version = metadata?.resourceVersion;
  return typeof version === "string" && version !== "" ? version : undefined;
}

/** The server has forgotten the version we stand at. */
function isExpired(error: unknown): boolean {
  return error instanceof ApiError &&
    (error.status === 410 || error.reason === "Expired" || error.reason === "Gone");
}
