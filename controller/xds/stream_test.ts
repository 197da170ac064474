import assert from "node:assert/strict";
import {
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  LISTENER,
  NodeStates,
  type Resource,
  ResourceCache,
  type ResourceRef,
  ROUTE_CONFIGURATION,
  SCOPED_ROUTE_CONFIGURATION,
  SECRET,
  Stream,
  type StreamRequest,
  type StreamResponse,
  type XdsEvent,
} from "./mod.ts";

const short: Readonly<Record<string, string>> = {
  CDS: CLUSTER,
  EDS: CLUSTER_LOAD_ASSIGNMENT,
  LDS: LISTENER,
  RDS: ROUTE_CONFIGURATION,
  SRDS: SCOPED_ROUTE_CONFIGURATION,
  SDS: SECRET,
};

/** `"RDS shop"` as a reference. */
function ref(text: string): ResourceRef {
  const [type = "", name = ""] = text.split(" ");
  return { typeUrl: short[type] ?? type, name };
}

/** `"CDS shop@2"`, and what it needs and warms. */
function resource(
  text: string,
  { needs, warms }: { readonly needs?: string[]; readonly warms?: string[] } = {},
): Resource {
  const [named = "", version = "1"] = text.split("@");
  return {
    ...ref(named),
    version,
    body: new TextEncoder().encode(text),
    ...(needs ? { needs: needs.map(ref) } : {}),
    ...(warms ? { warms: warms.map(ref) } : {}),
  };
}

/** A cache, one stream to it, and what came out, in the words of the tests. */
class Scene {
  readonly cache = new ResourceCache({ maxChanges: 10 });
  readonly nodes = new NodeStates();
  readonly events: XdsEvent[] = [];
  readonly #options: { readonly maxResponseBytes?: () => number };
  #stream: Stream | undefined;
  #waiting: StreamResponse[] = [];
  now = 0;

  constructor(
    resources: readonly Resource[] = [],
    options: { readonly maxResponseBytes?: () => number } = {},
  ) {
    this.#options = options;
    this.apply(...resources);
    this.connect();
  }

  get stream(): Stream {
    if (this.#stream === undefined) throw new Error("Not connected");
    return this.#stream;
  }

  connect(id = "envoy"): void {
    if (this.#stream !== undefined) {
      this.#stream.close();
      this.nodes.disconnect(this.#stream.node, this.now);
    }
    this.#waiting = [];
    this.#stream = new Stream({
      cache: this.cache,
      node: this.nodes.connect({ id, cluster: "contour" }, this.now),
      emit: (event) => this.events.push(event),
      now: this.now,
      ...this.#options,
    });
  }

  apply(...changed: readonly Resource[]): void {
    this.cache.apply({ changed, removed: [] });
  }

  remove(...names: readonly string[]): void {
    this.cache.apply({ changed: [], removed: names.map(ref) });
  }

  /** A request of a type; what it brings out as `"CDS a@1 b@1 -c"`. */
  ask(type: string, request: Partial<StreamRequest> = {}): string[] {
    this.#receive(type, request);
    return this.sent();
  }

  subscribe(type: string, ...names: string[]): string[] {
    return this.ask(type, { subscribe: names });
  }

  ack(type: string): string[] {
    return this.ask(type, { responseNonce: this.#takeNonce(type) });
  }

  nack(type: string, error: string): string[] {
    return this.ask(type, { responseNonce: this.#takeNonce(type), error });
  }

  /** What goes out now, without a request. */
  sent(): string[] {
    const responses = this.stream.pump(this.now);
    this.#waiting.push(...responses);
    return responses.map(({ typeUrl, resources, removed }) =>
      [
        typeOf(typeUrl),
        ...resources.map(({ name, version }) => `${name}@${version}`),
        ...removed.map((name) => `-${name}`),
      ].join(" ")
    );
  }

  /** Acknowledges whatever comes until nothing does; returns all of it. */
  drain(...first: string[]): string[] {
    const all = [...first];
    for (let turn = 0; this.#waiting[0] !== undefined; turn++) {
      assert.ok(turn < 100, "never ends");
      all.push(...this.ack(typeOf(this.#waiting[0].typeUrl)));
    }
    return all;
  }

  /** Events of a kind, with the references in them as in the tests. */
  told(kind: XdsEvent["kind"]): unknown[] {
    return this.events.filter((event) => event.kind === kind).map((event) => {
      const { node: _node, kind: _kind, ...rest } = event;
      return JSON.parse(
        JSON.stringify(rest),
        (_key, value) =>
          typeof value?.typeUrl === "string" && typeof value?.name === "string"
            ? `${typeOf(value.typeUrl)} ${value.name}`
            : value,
      );
    });
  }

  #receive(type: string, request: Partial<StreamRequest>): void {
    this.stream.receive({
      typeUrl: ref(type).typeUrl,
      subscribe: [],
      unsubscribe: [],
      initialVersions: {},
      responseNonce: "",
      ...request,
    }, this.now);
  }

  #takeNonce(type: string): string {
    const index = this.#waiting.findIndex(({ typeUrl }) => typeUrl === ref(type).typeUrl);
    const [response] = this.#waiting.splice(index, index < 0 ? 0 : 1);
    if (response === undefined) throw new Error(`No ${type} response waits for an answer`);
    return response.nonce;
  }
}

function typeOf(typeUrl: string): string {
  return Object.entries(short).find(([, url]) => url === typeUrl)?.[0] ?? typeUrl;
}

Deno.test("a first request without names asks for all clusters, listeners or scopes", () => {
  const scene = new Scene(["CDS a", "LDS l", "SRDS s", "RDS r"].map((text) => resource(text)));
  assert.deepEqual(scene.subscribe("CDS"), ["CDS a@1"]);
  assert.deepEqual(scene.subscribe("LDS"), ["LDS l@1"]);
  assert.deepEqual(scene.subscribe("SRDS"), ["SRDS s@1"]);
  assert.deepEqual(scene.subscribe("RDS"), []);
});

Deno.test("a wildcard follows what comes, changes and goes", () => {
  const scene = new Scene([resource("CDS a")]);
  scene.drain(...scene.subscribe("CDS", "*"));
  scene.apply(resource("CDS b"));
  assert.deepEqual(scene.sent(), ["CDS b@1"]);
  scene.apply(resource("CDS a@2"), resource("CDS b"));
  assert.deepEqual(scene.sent(), [], "one response of a type is under way");
  assert.deepEqual(scene.ack("CDS"), ["CDS a@2"]);
  scene.ack("CDS");
  scene.remove("CDS a");
  assert.deepEqual(scene.sent(), ["CDS -a"]);
  assert.deepEqual(scene.ack("CDS"), []);
});

Deno.test("a subscribed name that does not exist is answered as removed, once", () => {
  for (const type of ["RDS", "EDS", "SDS"]) {
    const scene = new Scene();
    assert.deepEqual(scene.subscribe(type, "a"), [`${type} -a`]);
    assert.deepEqual(scene.ack(type), []);
    scene.apply(resource(`${type} a`));
    assert.deepEqual(scene.sent(), [`${type} a@1`]);
  }
});

Deno.test("only what is subscribed is sent, and nothing after an unsubscription", () => {
  const scene = new Scene([resource("RDS a"), resource("RDS b")]);
  assert.deepEqual(scene.subscribe("RDS", "a"), ["RDS a@1"]);
  scene.ack("RDS");
  scene.apply(resource("RDS b@2"));
  assert.deepEqual(scene.sent(), []);
  scene.ask("RDS", { unsubscribe: ["a"] });
  scene.apply(resource("RDS a@2"));
  assert.deepEqual(scene.sent(), []);
  assert.deepEqual(scene.subscribe("RDS", "a"), ["RDS a@2"]);
});

Deno.test("who subscribes again to what it has gets it again", () => {
  const scene = new Scene([resource("RDS a")]);
  scene.drain(...scene.subscribe("RDS", "a"));
  assert.deepEqual(scene.subscribe("RDS", "a"), ["RDS a@1"]);
});

Deno.test("a name given up under a wildcard is answered", () => {
  const scene = new Scene([resource("CDS a")]);
  scene.drain(...scene.subscribe("CDS", "*", "a", "gone"));
  assert.deepEqual(scene.ask("CDS", { unsubscribe: ["a"] }), ["CDS a@1"]);
  scene.drain();
  assert.deepEqual(scene.ask("CDS", { unsubscribe: ["gone"] }), ["CDS -gone"]);
});

Deno.test("an answer to a response of another stream is not taken for one of this", () => {
  const scene = new Scene([resource("RDS a")]);
  scene.subscribe("RDS", "a");
  assert.deepEqual(scene.ask("RDS", { responseNonce: "77" }), []);
  assert.equal(scene.stream.report().types[0]?.inFlight, 1);
});

Deno.test("responses are cut into pieces, removals first", () => {
  const scene = new Scene([resource("CDS old")], { maxResponseBytes: () => 20 });
  scene.drain(...scene.subscribe("CDS"));
  scene.apply(...["a", "b", "c", "d"].map((name) => resource(`CDS ${name}`)));
  scene.remove("CDS old");
  assert.deepEqual(scene.drain(...scene.sent()), ["CDS a@1 b@1 c@1 -old", "CDS d@1"]);
});

Deno.test("a client that comes back gets what differs, and hears what is gone", () => {
  const scene = new Scene([resource("CDS same"), resource("CDS other@2"), resource("CDS new")]);
  const initialVersions = { same: "1", other: "1", gone: "1" };
  assert.deepEqual(
    scene.ask("CDS", { subscribe: ["*"], initialVersions }),
    ["CDS new@1 other@2"],
    "what it has of types it did not name yet may be using what is gone",
  );
  scene.ack("CDS");
  assert.equal(scene.stream.deadline(), 1_000);
  scene.now = 1_000;
  assert.deepEqual(scene.sent(), ["CDS -gone"]);
});

Deno.test("a client that comes back says what it takes, which a controller that starts anew needs to know", () => {
  const scene = new Scene([resource("CDS same"), resource("CDS other@2")]);
  scene.ask("CDS", { subscribe: ["*"], initialVersions: { same: "1", other: "1", gone: "1" } });
  assert.deepEqual(scene.told("acknowledged"), [{
    typeUrl: CLUSTER,
    resources: [{ name: "same", version: "1" }],
    removed: [],
  }]);
});

Deno.test("what is refused is told also where something newer is served by now", () => {
  const scene = new Scene([resource("CDS a@1")]);
  scene.subscribe("CDS", "*");
  scene.apply(resource("CDS a@2"));
  assert.deepEqual(scene.nack("CDS", "no"), ["CDS a@2"]);
  const refused = { ref: "CDS a", version: "1", message: "no", since: 0, fallback: "left-out" };
  assert.deepEqual(scene.told("refused"), [refused]);
  scene.nack("CDS", "neither");
  assert.deepEqual(scene.told("refused"), [refused, {
    ...refused,
    version: "2",
    message: "neither",
  }]);
});

Deno.test("a client that comes back as another version gets what it refused", () => {
  const cache = new ResourceCache();
  cache.apply({ changed: [resource("CDS a@1")], removed: [] });
  const nodes = new NodeStates();
  const request = (parts: Partial<StreamRequest> = {}): StreamRequest => ({
    typeUrl: CLUSTER,
    subscribe: ["*"],
    unsubscribe: [],
    initialVersions: {},
    responseNonce: "",
    ...parts,
  });
  const open = (version: string) => {
    const node = nodes.connect({ id: "envoy", cluster: "contour", version }, 0);
    const stream = new Stream({ cache, node, emit: () => {}, now: 0 });
    stream.receive(request(), 0);
    return stream;
  };
  const old = open("1.0.0");
  const [response] = old.pump(0);
  assert.ok(response);
  old.receive(request({ subscribe: [], responseNonce: response.nonce, error: "no" }), 0);
  old.close();
  nodes.disconnect(old.node, 0);
  assert.deepEqual(open("1.0.0").pump(0).flatMap(({ resources }) => resources), []);
  assert.equal(open("2.0.0").pump(0)[0]?.resources[0]?.name, "a");
});

Deno.test("one Envoy can be served something else than all others", () => {
  const scene = new Scene([resource("LDS a@1"), resource("LDS b@1")]);
  const own = { id: "envoy", cluster: "contour" };
  assert.deepEqual(scene.subscribe("LDS", "*"), ["LDS a@1 b@1"]);
  scene.ack("LDS");
  scene.cache.applyOwn(own, ref("LDS a"), resource("LDS a@own"));
  scene.cache.applyOwn({ ...own, id: "another" }, ref("LDS b"), resource("LDS b@other"));
  assert.deepEqual(scene.sent(), ["LDS a@own"]);
  scene.ack("LDS");
  scene.apply(resource("LDS a@2"));
  assert.deepEqual(scene.sent(), []);
  scene.cache.applyOwn(own, ref("LDS b"), "none");
  assert.deepEqual(scene.sent(), ["LDS -b"]);
  scene.ack("LDS");
  scene.cache.applyOwn(own, ref("LDS a"), undefined);
  scene.cache.applyOwn(own, ref("LDS b"), undefined);
  assert.deepEqual(scene.sent(), ["LDS a@2 b@1"]);
});

Deno.test("a second client gets the same", () => {
  const scene = new Scene(["CDS b", "CDS a"].map((text) => resource(text)));
  const first = scene.subscribe("CDS");
  scene.connect("other");
  assert.deepEqual(scene.subscribe("CDS"), first);
});

Deno.test("a route waits for its clusters, and they for their endpoints", () => {
  const scene = new Scene();
  for (const type of ["CDS", "LDS"]) scene.drain(...scene.subscribe(type));
  scene.drain(...scene.subscribe("RDS", "r"));
  scene.apply(
    resource("RDS r", { needs: ["CDS c"] }),
    resource("CDS c", { warms: ["EDS e"] }),
    resource("EDS e"),
  );
  assert.deepEqual(scene.sent(), ["CDS c@1"]);
  assert.deepEqual(scene.ack("CDS"), [], "Envoy is yet to ask for the endpoints");
  assert.deepEqual(scene.subscribe("EDS", "e"), ["EDS e@1"]);
  assert.deepEqual(scene.ack("EDS"), ["RDS r@1"]);
});

Deno.test("endpoints that do not exist hold nothing up once that is said", () => {
  const scene = new Scene();
  scene.subscribe("CDS");
  scene.drain(...scene.subscribe("RDS", "r"));
  scene.apply(resource("RDS r", { needs: ["CDS c"] }), resource("CDS c", { warms: ["EDS e"] }));
  assert.deepEqual(scene.sent(), ["CDS c@1"]);
  scene.ack("CDS");
  assert.deepEqual(scene.subscribe("EDS", "e"), ["EDS -e"]);
  assert.deepEqual(scene.ack("EDS"), ["RDS r@1"]);
});

Deno.test("a cluster goes only when no route uses it", () => {
  const scene = new Scene([
    resource("CDS old"),
    resource("RDS a", { needs: ["CDS old"] }),
    resource("RDS b", { needs: ["CDS old"] }),
  ]);
  scene.drain(...scene.subscribe("CDS"), ...scene.subscribe("RDS", "a", "b"));
  scene.remove("CDS old");
  scene.apply(
    resource("CDS new"),
    resource("RDS a@2", { needs: ["CDS new"] }),
    resource("RDS b@2", { needs: ["CDS new"] }),
  );
  assert.deepEqual(scene.sent(), ["CDS new@1"]);
  assert.deepEqual(scene.ack("CDS"), ["RDS a@2 b@2"]);
  assert.deepEqual(scene.ack("RDS"), ["CDS -old"]);
});

Deno.test("a cluster goes when the client gives up the route that used it", () => {
  const scene = new Scene([
    resource("CDS c"),
    resource("SRDS s", { warms: ["RDS r"] }),
    resource("RDS r", { needs: ["CDS c"] }),
  ]);
  scene.drain(...scene.subscribe("CDS"), ...scene.subscribe("SRDS"));
  scene.drain(...scene.subscribe("RDS", "r"));
  scene.remove("CDS c", "SRDS s", "RDS r");
  assert.deepEqual(scene.sent(), ["SRDS -s"]);
  scene.ack("SRDS");
  assert.deepEqual(scene.ask("RDS", { unsubscribe: ["r"] }), ["CDS -c"]);
});

Deno.test("endpoints are sent again with a cluster that warms on what Envoy has", () => {
  const scene = new Scene([resource("CDS a", { warms: ["EDS e"] }), resource("EDS e")]);
  scene.drain(...scene.subscribe("CDS"));
  scene.drain(...scene.subscribe("EDS", "e"));
  scene.apply(resource("CDS a@2", { warms: ["EDS e"] }));
  assert.deepEqual(scene.sent(), ["CDS a@2", "EDS e@1"], "changed");
  scene.drain();
  scene.apply(resource("CDS b", { warms: ["EDS e"] }));
  assert.deepEqual(scene.sent(), ["CDS b@1", "EDS e@1"], "sharing");
});

Deno.test("an endpoint change touches nothing else", () => {
  const scene = new Scene([
    resource("CDS c", { warms: ["EDS e"] }),
    resource("EDS e"),
    resource("RDS r", { needs: ["CDS c"] }),
  ]);
  scene.drain(...scene.subscribe("CDS"), ...scene.subscribe("RDS", "r"));
  scene.drain(...scene.subscribe("EDS", "e"));
  scene.apply(resource("EDS e@2"));
  assert.deepEqual(scene.drain(...scene.sent()), ["EDS e@2"]);
});

Deno.test("what is never asked for holds nothing up for ever", () => {
  const scene = new Scene([
    resource("CDS c", { warms: ["EDS e"] }),
    resource("EDS e"),
    resource("RDS r", { needs: ["CDS c"] }),
  ]);
  scene.drain(...scene.subscribe("CDS"));
  assert.deepEqual(scene.subscribe("RDS", "r"), []);
  assert.equal(scene.stream.report().isSynced, false);
  assert.equal(scene.stream.deadline(), 15_000);
  scene.now = 15_000;
  assert.deepEqual(scene.drain(...scene.sent()), ["RDS r@1"]);
  assert.deepEqual(scene.told("held-too-long"), [{ ref: "RDS r", waitingFor: ["EDS e"] }]);
  scene.apply(resource("CDS d", { warms: ["EDS f"] }), resource("RDS r@2", { needs: ["CDS d"] }));
  assert.deepEqual(scene.drain(...scene.sent()), ["CDS d@1", "RDS r@2"], "it has learned");
});

Deno.test("a type the client never asked for is not waited for", () => {
  const scene = new Scene([resource("CDS c"), resource("RDS r", { needs: ["CDS c"] })]);
  assert.deepEqual(scene.subscribe("RDS", "r"), ["RDS r@1"]);
});

Deno.test("a circle of needs ends", () => {
  const scene = new Scene([
    resource("CDS a", { needs: ["CDS b"] }),
    resource("CDS b", { needs: ["CDS a"] }),
  ]);
  assert.deepEqual(scene.subscribe("CDS"), []);
  scene.now = 15_000;
  assert.deepEqual(scene.drain(...scene.sent()), ["CDS a@1 b@1"]);
  scene.remove("CDS a", "CDS b");
  assert.deepEqual(scene.sent(), []);
  scene.now = 30_000;
  assert.deepEqual(scene.drain(...scene.sent()), ["CDS -a -b"]);
});

Deno.test("a cluster that is removed though a route needs it goes after a while", () => {
  const scene = new Scene([resource("CDS c"), resource("RDS r", { needs: ["CDS c"] })]);
  scene.drain(...scene.subscribe("CDS"), ...scene.subscribe("RDS", "r"));
  scene.remove("CDS c");
  assert.deepEqual(scene.sent(), []);
  scene.now = 15_000;
  assert.deepEqual(scene.sent(), ["CDS -c"]);
  assert.deepEqual(scene.told("held-too-long"), [{ ref: "CDS c", waitingFor: ["RDS r"] }]);
});

Deno.test("a refused response is halved until the culprit is found", () => {
  const scene = new Scene(["a", "b", "c", "d"].map((name) => resource(`CDS ${name}`)));
  assert.deepEqual(scene.subscribe("CDS"), ["CDS a@1 b@1 c@1 d@1"]);
  assert.deepEqual(scene.nack("CDS", "no"), ["CDS a@1 b@1"]);
  assert.deepEqual(scene.ack("CDS"), ["CDS c@1 d@1"]);
  assert.deepEqual(scene.nack("CDS", "no"), ["CDS c@1"]);
  assert.deepEqual(scene.nack("CDS", "c is bad"), ["CDS d@1"]);
  assert.deepEqual(scene.ack("CDS"), []);
  assert.deepEqual(scene.told("refused"), [
    { ref: "CDS c", version: "1", message: "c is bad", since: 0, fallback: "left-out" },
  ]);
});

Deno.test("the names in the error are tried alone, after the others", () => {
  const names = ["a", "b", "c", "shop/web", "e"];
  const scene = new Scene(names.map((name) => resource(`CDS ${name}`)));
  scene.subscribe("CDS");
  assert.deepEqual(
    scene.nack("CDS", "Error adding/updating cluster(s) shop/web: bad value in b"),
    ["CDS a@1 c@1 e@1"],
  );
  assert.deepEqual(scene.ack("CDS"), ["CDS b@1"]);
  assert.deepEqual(scene.ack("CDS"), ["CDS shop/web@1"], "a name may be named by chance");
  assert.deepEqual(scene.nack("CDS", "bad"), []);
  assert.equal(scene.told("refused").length, 1);
});

Deno.test("others go on while the culprit is sought", () => {
  const scene = new Scene(["a", "b", "c", "d", "e"].map((name) => resource(`RDS ${name}`)));
  scene.subscribe("RDS", "a", "b", "c", "d");
  assert.deepEqual(scene.nack("RDS", "no"), ["RDS a@1 b@1"]);
  scene.subscribe("RDS", "e");
  assert.deepEqual(scene.ack("RDS"), ["RDS e@1"]);
  assert.deepEqual(scene.ack("RDS"), ["RDS c@1 d@1"]);
});

Deno.test("a refused change leaves the last accepted form, also for a restarted Envoy", () => {
  const scene = new Scene([resource("RDS a@1"), resource("RDS new@bad")]);
  scene.subscribe("RDS", "a");
  scene.ack("RDS");
  scene.apply(resource("RDS a@2"));
  scene.sent();
  assert.deepEqual(scene.nack("RDS", "no"), [], "Envoy keeps what it had");
  assert.deepEqual(scene.subscribe("RDS", "new"), ["RDS new@bad"]);
  assert.deepEqual(scene.nack("RDS", "no"), ["RDS -new"], "there was none");
  scene.ack("RDS");

  scene.connect();
  assert.deepEqual(scene.subscribe("RDS", "a", "new"), ["RDS a@1 -new"]);
  scene.ack("RDS");
  const refused = scene.stream.node.standing().map(({ ref, fallback }) => [ref.name, fallback]);
  assert.deepEqual(refused, [["a", "last-accepted"], ["new", "left-out"]]);
  assert.equal(scene.told("refused").length, 2, "told once");

  scene.connect("other");
  assert.deepEqual(scene.subscribe("RDS", "a"), ["RDS a@2"], "another Envoy may take it");
});

Deno.test("scopes of a refused response are taken back before they are tried again", () => {
  const scene = new Scene(["a", "b", "c"].map((name) => resource(`SRDS ${name}@1`)));
  assert.deepEqual(scene.ask("SRDS"), ["SRDS a@1 b@1 c@1"]);
  scene.ack("SRDS");
  scene.apply(...["a@2", "b@2", "c@bad", "d@1"].map((text) => resource(`SRDS ${text}`)));
  assert.deepEqual(scene.sent(), ["SRDS a@2 b@2 c@bad d@1"]);
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS a@1 b@1 c@1 -d"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS a@2 b@2"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS c@bad d@1"]);
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS c@1 -d"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS c@bad"]);
  assert.deepEqual(scene.nack("SRDS", "c is bad"), ["SRDS d@1"], "alone it leaves nothing behind");
  assert.deepEqual(scene.ack("SRDS"), []);
  assert.deepEqual(scene.told("refused"), [
    { ref: "SRDS c", version: "bad", message: "c is bad", since: 0, fallback: "last-accepted" },
  ]);
  assert.ok(scene.stream.report().isSynced);
});

Deno.test("a newer form of a remembered scope needs no taking back, nor does a removal", () => {
  const scene = new Scene(["a", "b", "c"].map((name) => resource(`SRDS ${name}@1`)));
  scene.ask("SRDS");
  scene.nack("SRDS", "no");
  scene.apply(resource("SRDS a@2"));
  scene.remove("SRDS b");
  assert.deepEqual(scene.ack("SRDS"), ["SRDS a@2"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS c@1"]);
  scene.apply(resource("SRDS a@3"), resource("SRDS c@2"));
  assert.deepEqual(scene.ack("SRDS"), ["SRDS a@3 c@2"]);
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS a@2 c@1"]);
  scene.apply(resource("SRDS a@4"), resource("SRDS d@1"));
  assert.deepEqual(scene.ack("SRDS"), ["SRDS a@4 d@1"], "others go on, and it with them");
  assert.deepEqual(scene.ack("SRDS"), ["SRDS c@2"]);
  assert.deepEqual(scene.ack("SRDS"), []);
});

Deno.test("what was remembered is taken back on a new connection too, from what is in use", () => {
  const scene = new Scene(["a", "b"].map((name) => resource(`SRDS ${name}@1`)));
  scene.ask("SRDS");
  scene.ack("SRDS");
  scene.apply(resource("SRDS a@2"), resource("SRDS b@2"));
  assert.deepEqual(scene.sent(), ["SRDS a@2 b@2"]);
  scene.connect();
  // It refused them, and the answer was lost.
  assert.deepEqual(scene.ask("SRDS", { initialVersions: { a: "1", b: "1" } }), ["SRDS a@1 b@1"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS a@2 b@2"]);
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS a@1 b@1"]);
  scene.connect();
  assert.deepEqual(scene.ask("SRDS", { initialVersions: { a: "1", b: "1" } }), ["SRDS a@1 b@1"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS a@2"], "suspicion outlives the connection");
  scene.connect();
  // It took both, and the answer was lost: nothing goes back to an older form.
  assert.deepEqual(scene.ask("SRDS", { initialVersions: { a: "2", b: "2" } }), ["SRDS a@2"]);
});

Deno.test("an Envoy with a past we do not know is told first what it cannot be using", () => {
  const scene = new Scene(["a", "b", "c"].map((name) => resource(`SRDS ${name}@1`)));
  assert.deepEqual(scene.ask("SRDS", { initialVersions: { a: "1" } }), ["SRDS -b -c"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS b@1 c@1"]);
  assert.deepEqual(scene.ack("SRDS"), []);
});

Deno.test("what cannot be taken back is given up, and the new form tried", () => {
  const scene = new Scene(["a", "b"].map((name) => resource(`SRDS ${name}@1`)));
  scene.ask("SRDS");
  scene.ack("SRDS");
  scene.apply(resource("SRDS a@2"), resource("SRDS b@2"));
  scene.sent();
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS a@1 b@1"]);
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS a@1"]);
  assert.deepEqual(scene.nack("SRDS", "no"), ["SRDS a@2"]);
  assert.deepEqual(scene.ack("SRDS"), ["SRDS b@1"]);
  scene.now += 5_000;
  assert.deepEqual(scene.sent(), ["SRDS b@2"], "nor is an answer waited for without end");
  scene.nack("SRDS", "late");
  assert.deepEqual(scene.drain(), []);
});

Deno.test("a newer version is tried, and a refused one never again", () => {
  const scene = new Scene([resource("RDS a@1")]);
  scene.drain(...scene.subscribe("RDS", "a"));
  scene.apply(resource("RDS a@2"));
  scene.sent();
  scene.nack("RDS", "no");
  scene.apply(resource("RDS a@3"));
  assert.deepEqual(scene.sent(), ["RDS a@3"]);
  scene.ack("RDS");
  assert.deepEqual(scene.told("recovered"), [{ ref: "RDS a", version: "3" }]);
  scene.apply(resource("RDS a@2"));
  assert.deepEqual(scene.sent(), []);
  assert.equal(scene.told("refused").length, 2);
  scene.remove("RDS a");
  assert.deepEqual(scene.sent(), ["RDS -a"]);
  assert.deepEqual(scene.told("recovered").slice(1), [{ ref: "RDS a" }]);
});

Deno.test("a forgiven version is sent again", () => {
  const scene = new Scene([resource("LDS a")]);
  scene.subscribe("LDS");
  assert.deepEqual(scene.nack("LDS", "address in use"), []);
  scene.stream.node.forgive();
  scene.stream.reconsider();
  assert.deepEqual(scene.sent(), ["LDS a@1"]);
});

Deno.test("what serves in place of a refused route keeps its cluster", () => {
  const scene = new Scene([resource("CDS c"), resource("RDS r", { needs: ["CDS c"] })]);
  scene.drain(...scene.subscribe("CDS"), ...scene.subscribe("RDS", "r"));
  scene.apply(resource("RDS r@2"));
  scene.remove("CDS c");
  assert.deepEqual(scene.sent(), ["RDS r@2"]);
  scene.nack("RDS", "no");
  scene.now = 60_000;
  assert.deepEqual(scene.sent(), []);
  scene.apply(resource("RDS r@3"));
  assert.deepEqual(scene.drain(...scene.sent()), ["RDS r@3", "CDS -c"]);
});

Deno.test("a route goes out without a cluster the node refused", () => {
  const scene = new Scene([resource("CDS c"), resource("RDS r", { needs: ["CDS c"] })]);
  scene.subscribe("CDS");
  assert.deepEqual(scene.subscribe("RDS", "r"), []);
  assert.deepEqual(scene.nack("CDS", "no"), ["RDS r@1"]);
});

Deno.test("a refused response is not sent again as it was, even on a new stream", () => {
  const scene = new Scene(["a", "b"].map((name) => resource(`CDS ${name}`)));
  scene.subscribe("CDS");
  assert.deepEqual(scene.nack("CDS", "no"), ["CDS a@1"]);
  scene.connect();
  assert.deepEqual(scene.subscribe("CDS"), ["CDS a@1"]);
});

Deno.test("a client that refuses a removal is not asked again", () => {
  const scene = new Scene([resource("CDS a")]);
  scene.drain(...scene.subscribe("CDS"));
  scene.remove("CDS a");
  scene.sent();
  assert.deepEqual(scene.nack("CDS", "no"), []);
  assert.equal(scene.told("refused").length, 1);
});

Deno.test("a stream that is far behind compares instead of reading the log", () => {
  const scene = new Scene([resource("CDS gone"), resource("CDS same")]);
  scene.drain(...scene.subscribe("CDS"));
  scene.remove("CDS gone");
  for (let version = 0; version < 30; version++) scene.apply(resource(`CDS busy@${version}`));
  assert.deepEqual(scene.drain(...scene.sent()), ["CDS busy@29 -gone"]);
});

Deno.test("an Envoy that does not answer is told what changes all the same", () => {
  const scene = new Scene([resource("CDS a")]);
  scene.drain(...scene.subscribe("RDS", "r"));
  scene.subscribe("CDS");
  scene.apply(resource("CDS b"), resource("RDS r", { needs: ["CDS b"] }));
  assert.deepEqual(scene.sent(), []);
  assert.equal(scene.stream.deadline(), 5_000);
  scene.now = 5_000;
  assert.deepEqual(scene.sent(), ["CDS b@1"]);
  assert.deepEqual(scene.told("unanswered"), [{ typeUrl: CLUSTER, names: ["a"] }]);
  scene.apply(resource("CDS c"), resource("CDS a@2"));
  assert.deepEqual(scene.sent(), []);
  scene.now = 6_000;
  assert.deepEqual(scene.sent(), ["CDS c@1 a@2"]);
  assert.equal(scene.stream.report().isSynced, false);
  // The answers come after all, in their order.
  assert.deepEqual([scene.ack("CDS"), scene.ack("CDS"), scene.ack("CDS")], [[], ["RDS r@1"], []]);
  scene.ack("RDS");
  assert.equal(scene.stream.report().isSynced, true);
});

Deno.test("what an Envoy got that says nothing for long passes for taken", () => {
  const scene = new Scene([resource("CDS a")]);
  scene.drain(...scene.subscribe("RDS", "r"));
  scene.subscribe("CDS");
  for (const [now, version] of [[5_000, 2], [40_000, 3], [41_000, 4], [42_000, 5]] as const) {
    scene.now = now;
    scene.apply(resource(`CDS a@${version}`));
    scene.sent();
  }
  scene.apply(resource("RDS r", { needs: ["CDS a"] }));
  assert.deepEqual(scene.sent(), ["RDS r@1"]);
});

Deno.test("an unknown type is answered, and told", () => {
  const scene = new Scene();
  assert.deepEqual(scene.subscribe("example.org/Odd", "a"), ["example.org/Odd -a"]);
  assert.deepEqual(scene.told("unknown-type"), [{ typeUrl: "example.org/Odd" }]);
  assert.deepEqual(scene.subscribe("", "a"), []);
});

Deno.test("a report counts what is asked for, there, under way and held", () => {
  const scene = new Scene([
    resource("CDS a"),
    resource("CDS c", { warms: ["EDS e"] }),
    resource("RDS r", { needs: ["CDS c"] }),
  ]);
  scene.subscribe("CDS");
  scene.ack("CDS");
  scene.subscribe("RDS", "r");
  scene.subscribe("EDS", "x");
  const types = scene.stream.report().types.map(({ typeUrl, held, ...counts }) => [
    typeOf(typeUrl),
    Object.values(counts).map(Number),
    held.map(({ name }) => name),
  ]);
  assert.deepEqual(types, [
    ["CDS", [1, 0, 2, 0, 0], []],
    ["EDS", [0, 1, 0, 1, 0], []],
    ["RDS", [0, 1, 0, 0, 0], ["r"]],
  ]);
});

Deno.test("what came, went and came again while its cluster was on its way is sent once", () => {
  const scene = new Scene([resource("CDS a")]);
  scene.drain(...scene.subscribe("CDS"), ...scene.subscribe("SRDS"));
  scene.apply(resource("CDS c"), resource("SRDS s", { needs: ["CDS c"] }));
  assert.deepEqual(scene.sent(), ["CDS c@1"]);
  scene.remove("SRDS s");
  assert.deepEqual(scene.sent(), []);
  scene.apply(resource("SRDS s@2", { needs: ["CDS c"] }));
  assert.deepEqual(scene.sent(), []);
  assert.deepEqual(scene.ack("CDS"), ["SRDS s@2"]);
  scene.ack("SRDS");
  scene.remove("SRDS s");
  assert.deepEqual(scene.sent(), ["SRDS -s"]);
});
