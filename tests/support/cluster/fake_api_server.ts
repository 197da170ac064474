/** An API server that holds lists in memory and speaks list and watch; it misbehaves when told to. */

/** Starts one at a free port of this machine. */
export function startFakeApiServer(): FakeApiServer {
  return new FakeApiServer();
}

/** An object, of whatever sense. */
export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** What a request is answered instead of the truth. */
export type Fault =
  /** A Status of this code. */
  | { readonly kind: "status"; readonly status: number; readonly reason?: string }
  /** This text, with 200. */
  | { readonly kind: "text"; readonly text: string }
  /** This text as a stream that does not end, or ends as a broken connection does. */
  | { readonly kind: "stream"; readonly text: string; readonly end: "never" | "close" | "break" }
  /** Nothing at all. */
  | { readonly kind: "silence" };

/** A request that came. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

/** See {@link startFakeApiServer}. */
export class FakeApiServer implements AsyncDisposable {
  readonly #lists = new Map<string, Map<string, FakeObject>>();
  readonly #history: { version: number; path: string; type: string; object: FakeObject }[] = [];
  readonly #watches = new Set<Watch>();
  readonly #faults: {
    readonly matches: (request: FakeRequest) => boolean;
    readonly fault: Fault;
  }[] = [];
  readonly #hanging = new Set<() => void>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #version = 100;
  #oldest = 0;
  /** What came, in order. */
  readonly requests: FakeRequest[] = [];
  /** Changes are kept from watches while this is set; so are bookmarks. */
  isSilent = false;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** `http://127.0.0.1:40123`. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Serves an empty list. */
  serve(...paths: readonly string[]): void {
    for (const path of paths) this.#lists.set(path, new Map());
  }

  /** Adds an object to a list, or changes it. */
  put(path: string, object: FakeObject): void {
    const list = this.#lists.get(path) ?? new Map<string, FakeObject>();
    const { namespace = "", name } = object.metadata;
    const id = `${namespace}/${name}`;
    const type = list.has(id) ? "MODIFIED" : "ADDED";
    const versioned = this.#versioned(object);
    this.#lists.set(path, list.set(id, versioned));
    this.#tell(path, type, versioned);
  }

  /** Takes an object from a list. */
  delete(path: string, name: string, namespace = "default"): void {
    const object = this.#lists.get(path)?.get(`${namespace}/${name}`);
    if (object === undefined) return;
    this.#lists.get(path)?.delete(`${namespace}/${name}`);
    this.#tell(path, "DELETED", this.#versioned(object));
  }

  /** Tells the watches of a list how far it is. */
  bookmark(path: string): void {
    this.#version++;
    const object = { metadata: { resourceVersion: String(this.#version) } };
    for (const watch of this.#watchesOf(path)) watch.send({ type: "BOOKMARK", object });
  }

  /** Sends these words to the watches of a list. */
  say(path: string, text: string): void {
    for (const watch of this.#watchesOf(path)) watch.say(text);
  }

  /** Forgets how it came to be as it is: older versions are answered with 410. */
  forget(): void {
    this.#oldest = this.#version;
  }

  /** Ends all streams: properly, or in the middle. */
  cut(how: "close" | "break"): void {
    for (const watch of this.#watches) watch.end(how);
    this.#watches.clear();
  }

  /** The next request that matches is answered by the fault; several wait in line. */
  next(matches: (request: FakeRequest) => boolean, fault: Fault): void {
    this.#faults.push({ matches, fault });
  }

  /** How many watches are open on a list. */
  watching(path: string): number {
    return [...this.#watchesOf(path)].length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut("close");
    for (const release of this.#hanging) release();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const seen = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      authorization: request.headers.get("authorization") ?? undefined,
    };
    this.requests.push(seen);
    await request.body?.cancel();
    const at = this.#faults.findIndex(({ matches }) => matches(seen));
    const [found] = at === -1 ? [] : this.#faults.splice(at, 1);
    if (found !== undefined) return await this.#misbehave(found.fault);
    if (!this.#lists.has(seen.path)) return statusAnswer(404, "NotFound");
    return seen.query["watch"] === "true" ? this.#watch(seen) : this.#list(seen);
  }

  #list({ path, query }: FakeRequest): Response {
    const objects = [...this.#lists.get(path)?.values() ?? []];
    const [version = this.#version, from = 0] = (query["continue"] ?? "").split("/")
      .filter((part) => part !== "").map(Number);
    if (query["continue"] !== undefined && version < this.#oldest) {
      return statusAnswer(410, "Expired");
    }
    const limit = Number(query["limit"] ?? objects.length);
    const end = from + limit;
    return Response.json({
      metadata: {
        resourceVersion: String(version),
        ...(end < objects.length ? { continue: `${version}/${end}` } : {}),
      },
      items: objects.slice(from, end),
    });
  }

  #watch({ path, query }: FakeRequest): Response {
    const from = Number(query["resourceVersion"]);
    if (from < this.#oldest) {
      const object = { kind: "Status", code: 410, reason: "Expired", message: "too old" };
      return new Response(`${JSON.stringify({ type: "ERROR", object })}\n`);
    }
    const watch = new Watch(path, (ended) => this.#watches.delete(ended));
    this.#watches.add(watch);
    for (const { version, path: of, type, object } of this.#history) {
      if (of === path && version > from) watch.send({ type, object });
    }
    return new Response(watch.stream);
  }

  async #misbehave(fault: Fault): Promise<Response> {
    switch (fault.kind) {
      case "status":
        return statusAnswer(fault.status, fault.reason ?? "");
      case "text":
        return new Response(fault.text);
      case "silence":
        await new Promise<void>((resolve) => this.#hanging.add(resolve));
        return new Response("");
      case "stream": {
        const watch = new Watch("", (ended) => this.#watches.delete(ended));
        this.#watches.add(watch);
        watch.say(fault.text);
        if (fault.end !== "never") watch.end(fault.end);
        return new Response(watch.stream);
      }
    }
  }

  #versioned(object: FakeObject): FakeObject {
    this.#version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #tell(path: string, type: string, object: FakeObject): void {
    this.#history.push({ version: this.#version, path, type, object });
    if (this.isSilent) return;
    for (const watch of this.#watchesOf(path)) watch.send({ type, object });
  }

  *#watchesOf(path: string): Iterable<Watch> {
    for (const watch of this.#watches) if (watch.path === path) yield watch;
  }
}

class Watch {
  readonly path: string;
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(path: string, onEnd: (watch: Watch) => void) {
    this.path = path;
    this.stream = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      cancel: () => {
        this.#controller = undefined;
        onEnd(this);
      },
    });
  }

  send(event: { readonly type: string; readonly object: unknown }): void {
    this.say(`${JSON.stringify(event)}\n`);
  }

  say(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end(how: "close" | "break"): void {
    if (how === "close") this.#controller?.close();
    else this.#controller?.error(new Error("The connection broke"));
    this.#controller = undefined;
  }
}

function statusAnswer(code: number, reason: string): Response {
  const message = `answered ${code} on purpose`;
  return Response.json({ kind: "Status", code, reason, message }, { status: code });
}
