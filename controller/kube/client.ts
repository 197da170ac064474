import { ApiError, errorOf, errorOfStatus, UnreachableError } from "./api_error.ts";
import { type Clock, Linked, sleep } from "./clock.ts";
import { Credentials, type TlsMaterial } from "./credentials.ts";
import { jsonLines } from "./json_lines.ts";
import type { ClusterAccess } from "./kubeconfig.ts";
import { type RateLimit, RateLimiter } from "./rate_limiter.ts";

/** What we ask of an API server. */
export interface KubeClient {
  /**
   * Sends a request and returns the JSON of the answer. Rejects with an `ApiError` for an answer
   * that is no success, with an `UnreachableError` when there is none.
   */
  request(request: KubeRequest, signal: AbortSignal): Promise<unknown>;
  /**
   * Follows a list: first an empty piece, when the server has agreed, then the events of each piece
   * that arrives, together. Ends when the server ends it; throws as `request` does, and a
   * `SyntaxError` for what is no JSON.
   */
  watch(
    request: Pick<KubeRequest, "path" | "query">,
    signal: AbortSignal,
  ): AsyncIterable<readonly WatchEvent[]>;
}

/** One request. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/v1/namespaces/default/services`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Goes ahead of the rate limit: a lease that is renewed late is lost. */
  readonly urgent?: boolean;
  /** How long to wait for the whole answer; half a minute when not given. */
  readonly timeoutMs?: number;
}

/** An event of a watch. `ERROR` carries a Status, the others an object. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

/** See {@link kubeClient}. */
export interface ClientOptions {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  /** `contour/1.0.0`. */
  readonly userAgent: string;
  /** None when not given. */
  readonly limit?: RateLimit | undefined;
}

/** A client of one API server. Close it at the end. */
export function kubeClient(options: ClientOptions): KubeClient & Disposable {
  return new FetchClient(options);
}

class FetchClient implements KubeClient, Disposable {
  readonly #options: ClientOptions;
  readonly #credentials: Credentials;
  readonly #limiter: RateLimiter | undefined;
  #transport: { readonly tls: TlsMaterial; readonly client: Deno.HttpClient } | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#credentials = new Credentials(options.access, options.clock);
    this.#limiter = options.limit && new RateLimiter(options.limit, options.clock);
  }

  async request(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    const what = `Cannot ${request.method.toLowerCase()} ${request.path}`;
    using own = new Linked(signal);
    const { timeoutMs = 30_000 } = request;
    const late = new UnreachableError(`${what}: no answer within ${timeoutMs} ms`);
    const cancel = this.#options.clock.after(timeoutMs, () => own.abort(late));
    try {
      for (let attempt = 1;; attempt++) {
        const answer = await this.#send(request, own.signal);
        const text = await answer.text();
        if (answer.ok) return parsed(what, text);
        const error = errorOf(what, answer, text);
        if (!this.#isWorthRepeating(error, attempt)) throw error;
        const { retryAfterMs = 0 } = error;
        if (retryAfterMs > 0) await sleep(this.#options.clock, retryAfterMs, own.signal);
        own.signal.throwIfAborted();
      }
    } catch (error) {
      throw explained(what, error, own.signal);
    } finally {
      cancel();
    }
  }

  async *watch(
    request: Pick<KubeRequest, "path" | "query">,
    signal: AbortSignal,
  ): AsyncGenerator<readonly WatchEvent[]> {
    const what = `Cannot watch ${request.path}`;
    using own = new Linked(signal);
    try {
      const query = { ...request.query, watch: "true" };
      const answer = await this.#send({ ...request, method: "GET", query }, own.signal);
      if (!answer.ok || answer.body === null) {
        const error = errorOf(what, answer, await answer.text());
        if (error.status === 401) this.#credentials.refused();
        throw error;
      }
      yield [];
      for await (const values of jsonLines(answer.body)) {
        yield values.map((value) => watchEvent(what, value));
      }
    } catch (error) {
      throw explained(what, error, own.signal);
    } finally {
      // Whoever stops reading ends the stream, and its connection with it.
      own.abort(new DOMException("The watch is over", "AbortError"));
    }
  }

  [Symbol.dispose](): void {
    this.#transport?.client.close();
    this.#transport = undefined;
  }

  async #send(request: KubeRequest, signal: AbortSignal): Promise<Response> {
    if (!(request.urgent ?? false)) await this.#limiter?.pass(signal);
    signal.throwIfAborted();
    const { headers, tls } = await this.#credentials.current(signal);
    const { access, userAgent } = this.#options;
    const query = new URLSearchParams(request.query).toString();
    return await fetch(`${access.server}${request.path}${query === "" ? "" : `?${query}`}`, {
      method: request.method,
      client: this.#client(tls),
      signal,
      redirect: "manual",
      headers: {
        ...headers,
        accept: "application/json",
        // Packing costs the API server more than the network saves.
        "accept-encoding": "identity",
        "user-agent": userAgent,
        ...(request.body === undefined ? {} : { "content-type": contentType(request.method) }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
  }

  /** Connections are made anew when what proves us changed; open streams go on by the old ones. */
  #client(tls: TlsMaterial): Deno.HttpClient {
    const known = this.#transport;
    if (
      known !== undefined && known.tls.authority === tls.authority &&
      known.tls.certificate === tls.certificate && known.tls.key === tls.key
    ) return known.client;
    const { proxy } = this.#options.access;
    const { authority, certificate: cert, key } = tls;
    const client = Deno.createHttpClient({
      // A connection for each watch: one that died quietly then takes nothing else with it.
      http2: false,
      poolMaxIdlePerHost: 16,
      ...(authority === undefined ? {} : { caCerts: [authority] }),
      ...(proxy === undefined ? {} : { proxy: { url: proxy } }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    });
    known?.client.close();
    this.#transport = { tls, client };
    return client;
  }

  #isWorthRepeating(error: ApiError, attempt: number): boolean {
    if (attempt > 5) return false;
    if (error.status === 401) {
      this.#credentials.refused();
      return attempt === 1;
    }
    // The server is busy, or not yet whole, and says when to come back.
    const isBusy = error.status === 429 || error.status === 503;
    return isBusy && error.retryAfterMs !== undefined && error.retryAfterMs <= 5_000;
  }
}

function contentType(method: KubeRequest["method"]): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function parsed(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreachableError(`${what}: the answer is no JSON`, { cause });
  }
}

const eventTypes = new Set<unknown>(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]);

function watchEvent(what: string, value: unknown): WatchEvent {
  const { type, object } = (value ?? {}) as Partial<WatchEvent>;
  if (type !== undefined && eventTypes.has(type)) return { type, object };
  // Some proxies send the bare Status of an error.
  throw errorOfStatus(what, value);
}

/** The caller's own abort stays what it is; everything below HTTP is one kind of failure. */
function explained(what: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ApiError || error instanceof SyntaxError) return error;
  if (error instanceof UnreachableError) return error;
  return new UnreachableError(`${what}: ${reasonOf(error)}`, { cause: error });
}

/** What happened on the network stands in the cause, behind an address that we name already. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error.cause instanceof Error ? error.cause : error;
  return message.replace(/^error sending request for url \(.*?\): /, "");
}
