/**
 * A model of Envoy against a stream, driven by chance: resources come, change, break and go, the
 * connection drops, Envoy or the controller restart. Whatever happened, in the end Envoy has what
 * is served, save what it refused, and on the way nothing was used before it was there.
 */
import assert from "node:assert/strict";
import {
  DeltaClient,
  type DeltaRequest,
  type DeltaResource,
} from "../../tests/support/xds_client.ts";
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
  Stream,
  type StreamResponse,
  type XdsEvent,
} from "./mod.ts";

const node = { id: "walker", cluster: "contour" };

Deno.test("an Envoy ends with what is served, whatever happens on the way", () => {
  for (let seed = 1; seed <= 150; seed++) walk(seed, { serverRestarts: false });
});

Deno.test("an Envoy ends with what is served though the controller restarts", () => {
  for (let seed = 1001; seed <= 1060; seed++) walk(seed, { serverRestarts: true });
});

function walk(seed: number, options: { readonly serverRestarts: boolean }): void {
  const world = new World(seed, options.serverRestarts);
  try {
    for (let step = 0; step < 80; step++) world.step();
    world.settle();
    world.check();
  } catch (cause) {
    throw new Error(`Seed ${seed} fails`, { cause });
  }
}

/** What our model writes into a body. */
interface Body {
  readonly generation: number;
  readonly isBad: boolean;
  readonly refs: readonly string[];
}

class World {
  readonly #random: () => number;
  readonly #serverRestarts: boolean;
  readonly #cache = new ResourceCache({ maxChanges: 40 });
  #nodes = new NodeStates();
  #client: DeltaClient;
  #stream: Stream;
  #inbox: StreamResponse[] = [];
  #followUps: (() => void)[] = [];
  #now = 1_000_000;
  #generation = 0;
  #hasRestarted = false;
  readonly #refusedResponses = new Set<string>();
  /** What should be served, by type and name. */
  readonly #clusters = new Map<string, Body>();
  readonly #endpoints = new Map<string, Body>();
  readonly #routes = new Map<string, Body>();
  readonly #scopes = new Map<string, Body>();

  constructor(seed: number, serverRestarts: boolean) {
    this.#random = mulberry32(seed);
    this.#serverRestarts = serverRestarts;
    this.#client = new DeltaClient({
      node,
      refuse: (_typeUrl, resource) => parse(resource.body).isBad ? "it is bad" : undefined,
      partially: () => this.#chance(0.5),
      remembersPartially: new Set([SCOPED_ROUTE_CONFIGURATION]),
      onApplied: (typeUrl, name, resource) => this.#onApplied(typeUrl, name, resource),
    });
    for (let edits = 0; edits < 6; edits++) this.#edit();
    this.#publish();
    this.#stream = this.#open();
    for (const request of this.#start()) this.#send(request);
  }

  step(): void {
    const dice = this.#random();
    if (dice < 0.3) {
      for (let edits = this.#below(4); edits >= 0; edits--) this.#edit();
      this.#publish();
      if (this.#chance(0.7)) this.#pump();
    } else if (dice < 0.9) this.#deliver();
    else if (dice < 0.95) {
      this.#hangUp();
      this.#connect(this.#client.reconnect());
    } else if (dice < 0.98) {
      this.#hangUp();
      this.#client.restart();
      this.#connect(this.#start());
    } else if (this.#serverRestarts) {
      this.#hangUp();
      this.#nodes = new NodeStates();
      this.#hasRestarted = true;
      this.#refusedResponses.clear();
      this.#connect(this.#client.reconnect());
    } else this.#now += 200;
  }

  /** Lets everything that is under way arrive. */
  settle(): void {
    this.#pump();
    for (let idle = 0; idle < 4;) {
      while (this.#inbox.length > 0) {
        idle = 0;
        this.#deliver();
      }
      const deadline = this.#stream.deadline();
      if (deadline === undefined) return;
      this.#now = Math.max(this.#now, deadline);
      this.#pump();
      idle++;
    }
  }

  check(): void {
    const state = this.#stream.node;
    for (const typeUrl of types) {
      const interest = this.#client.interest(typeUrl);
      const applied = this.#client.of(typeUrl);
      const served = this.#cache.ofType(typeUrl);
      for (const name of new Set([...served.keys(), ...applied.keys()])) {
        const what = `${typeUrl.split(".").at(-1)} ${name}`;
        const has = applied.get(name)?.version;
        if (!interest.has("*") && !interest.has(name)) {
          assert.equal(has, undefined, `${what} is left over`);
          continue;
        }
        const resource = served.get(name);
        if (resource === undefined) {
          // A controller that starts anew cannot know what was applied without being acknowledged.
          if (this.#hasRestarted && !this.#client.versions(typeUrl).has(name)) continue;
          // What a refused resource left in place may still need it.
          if (has !== undefined) assert.ok(this.#isUsed(typeUrl, name), `${what} was not removed`);
          continue;
        }
        const remembered = this.#client.remembers(typeUrl, name);
        if (remembered !== undefined && remembered !== has) {
          // A controller that starts anew cannot know what was remembered of a refused response.
          assert.ok(this.#hasRestarted, `${what} is remembered and not used`);
          continue;
        }
        if (!parse(resource.body).isBad) {
          assert.equal(has, resource.version, `${what} is not what is served`);
          continue;
        }
        assert.notEqual(has, resource.version, `${what} was applied though it is bad`);
        assert.ok(state.refusal(resource, resource.version), `${what} was not refused`);
        assert.ok(
          state.standing().some(({ ref }) => ref.typeUrl === typeUrl && ref.name === name),
          `${what} is not reported`,
        );
        const accepted = state.accepted(resource)?.version;
        if (!this.#hasRestarted || accepted !== undefined) {
          assert.equal(has, accepted, `${what} is not what was accepted last`);
        }
      }
    }
    const bad = types.flatMap((typeUrl) => [...this.#cache.ofType(typeUrl).values()])
      .filter((resource) => this.#isWanted(resource) && parse(resource.body).isBad);
    assert.ok(state.standing().length >= bad.length);
  }

  #isWanted({ typeUrl, name }: ResourceRef): boolean {
    const interest = this.#client.interest(typeUrl);
    return interest.has("*") || interest.has(name);
  }

  #isUsed(typeUrl: string, name: string): boolean {
    return [...this.#client.applied].some(([user, resources]) =>
      target(user) === typeUrl &&
      [...resources.values()].some(({ body }) => parse(body).refs.includes(name))
    );
  }

  #start(): DeltaRequest[] {
    return [CLUSTER, LISTENER, SCOPED_ROUTE_CONFIGURATION].map((typeUrl) =>
      this.#client.subscribe(typeUrl)
    );
  }

  #connect(requests: readonly DeltaRequest[]): void {
    this.#stream = this.#open();
    this.#followUps = [];
    for (const request of requests) this.#send(request);
  }

  #open(): Stream {
    return new Stream({
      cache: this.#cache,
      node: this.#nodes.connect(node, this.#now),
      now: this.#now,
      emit: (event) => this.#onEvent(event),
      maxResponseBytes: () => 300,
    });
  }

  #hangUp(): void {
    this.#stream.close();
    this.#nodes.disconnect(this.#stream.node, this.#now);
    this.#inbox = [];
  }

  #send(request: DeltaRequest): void {
    this.#stream.receive(request, this.#now);
    this.#pump();
  }

  #pump(): void {
    for (const response of this.#stream.pump(this.#now)) {
      assert.ok(!this.#refusedResponses.has(identity(response)), "a refused response comes again");
      if (response.typeUrl === ROUTE_CONFIGURATION) this.#checkNeeds(response);
      this.#inbox.push(response);
    }
  }

  /** Every cluster a route is sent with is there, with its endpoints, or cannot be. */
  #checkNeeds(response: StreamResponse): void {
    const state = this.#stream.node;
    const canBeThere = (ref: ResourceRef) => {
      const resource = this.#cache.get(ref);
      return resource !== undefined && state.refusal(ref, resource.version) === undefined;
    };
    for (const route of response.resources) {
      for (const need of route.needs ?? []) {
        if (!canBeThere(need)) continue;
        assert.ok(
          this.#client.of(CLUSTER).has(need.name),
          `${route.name} came before its cluster ${need.name}`,
        );
        // Of an update that is not acknowledged nothing is expected: the old form serves meanwhile.
        const accepted = state.accepted(need);
        for (const name of accepted === undefined ? [] : parse(accepted.body).refs) {
          if (!canBeThere({ typeUrl: CLUSTER_LOAD_ASSIGNMENT, name })) continue;
          assert.ok(
            this.#client.of(CLUSTER_LOAD_ASSIGNMENT).has(name),
            `${route.name} came before endpoints ${name}`,
          );
        }
      }
    }
  }

  #deliver(): void {
    const response = this.#inbox.shift();
    if (response === undefined) return;
    const request = this.#client.take(response);
    if (request.error !== undefined) this.#refusedResponses.add(identity(response));
    const followUps = this.#followUps.splice(0);
    const early = this.#chance(0.5);
    if (!early) this.#send(request);
    for (const followUp of followUps) followUp();
    if (early) this.#send(request);
  }

  /** Asks for what an applied resource names, as Envoy does. */
  #onApplied(typeUrl: string, name: string, resource?: DeltaResource): void {
    if (typeUrl === CLUSTER && resource === undefined && !this.#hasRestarted) {
      for (const route of this.#client.of(ROUTE_CONFIGURATION).values()) {
        assert.ok(!parse(route.body).refs.includes(name), `${name} went while a route used it`);
      }
    }
    const followed = target(typeUrl);
    if (followed === undefined || followed === CLUSTER) return;
    this.#followUps.push(() => {
      const used = new Set(
        [...this.#client.of(typeUrl).values()].flatMap(({ body }) => parse(body).refs),
      );
      const interest = this.#client.interest(followed);
      const lost = [...interest].filter((one) => !used.has(one));
      if (lost.length > 0) this.#send(this.#client.unsubscribe(followed, ...lost));
      const fresh = [...used].filter((one) => !interest.has(one));
      // Now and then it asks for what it has.
      const names = fresh.length > 0 ? fresh : [...interest].slice(0, 1);
      if (names.length > 0) this.#send(this.#client.subscribe(followed, ...names));
    });
  }

  #onEvent(event: XdsEvent): void {
    if (event.kind === "held-too-long" && !this.#hasRestarted) {
      throw new Error(`Held too long: ${JSON.stringify(event)}`);
    }
  }

  /** Changes one thing, so that no route names a cluster that is not served. */
  #edit(): void {
    const name = String(this.#below(6));
    const dice = this.#random();
    if (dice < 0.2) this.#endpoints.set(`eds-${name}`, this.#body([]));
    else if (dice < 0.25) this.#endpoints.delete(`eds-${name}`);
    else if (dice < 0.5) {
      this.#clusters.set(`cluster-${name}`, this.#body([`eds-${this.#below(6)}`]));
    } else if (dice < 0.6) {
      const cluster = `cluster-${name}`;
      this.#clusters.delete(cluster);
      for (const [route, { refs }] of this.#routes) {
        if (refs.includes(cluster)) {
          this.#routes.set(route, this.#body(refs.filter((one) => one !== cluster)));
        }
      }
    } else if (dice < 0.9) {
      const refs = [...this.#clusters.keys()].filter(() => this.#chance(0.4));
      this.#routes.set(`route-${name}`, this.#body(refs));
      this.#scopes.set(`scope-${name}`, this.#body([`route-${name}`]));
    } else {
      this.#routes.delete(`route-${name}`);
      this.#scopes.delete(`scope-${name}`);
    }
  }

  #publish(): void {
    const contents = [
      [CLUSTER, this.#clusters],
      [CLUSTER_LOAD_ASSIGNMENT, this.#endpoints],
      [ROUTE_CONFIGURATION, this.#routes],
      [SCOPED_ROUTE_CONFIGURATION, this.#scopes],
    ] as const;
    this.#cache.apply({
      changed: contents.flatMap(([typeUrl, bodies]) =>
        [...bodies].map(([name, body]) => resourceOf(typeUrl, name, body))
      ),
      removed: contents.flatMap(([typeUrl, bodies]) =>
        [...this.#cache.ofType(typeUrl).keys()].filter((name) => !bodies.has(name))
          .map((name) => ({ typeUrl, name }))
      ),
    });
  }

  #body(refs: readonly string[]): Body {
    return { generation: ++this.#generation, isBad: this.#chance(0.15), refs };
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

const types = [CLUSTER, CLUSTER_LOAD_ASSIGNMENT, SCOPED_ROUTE_CONFIGURATION, ROUTE_CONFIGURATION];

/** The type of what the refs of a type name. */
function target(typeUrl: string): string | undefined {
  if (typeUrl === CLUSTER) return CLUSTER_LOAD_ASSIGNMENT;
  if (typeUrl === SCOPED_ROUTE_CONFIGURATION) return ROUTE_CONFIGURATION;
  return typeUrl === ROUTE_CONFIGURATION ? CLUSTER : undefined;
}

function resourceOf(typeUrl: string, name: string, body: Body): Resource {
  const text = JSON.stringify(body);
  const resource = { typeUrl, name, version: text, body: new TextEncoder().encode(text) };
  const named = target(typeUrl);
  if (named === undefined) return resource;
  const refs = body.refs.map((ref) => ({ typeUrl: named, name: ref }));
  return { ...resource, ...(named === CLUSTER ? { needs: refs } : { warms: refs }) };
}

function parse(body: Uint8Array): Body {
  return JSON.parse(new TextDecoder().decode(body));
}

/** What makes two responses the same. */
function identity({ typeUrl, resources, removed }: StreamResponse): string {
  const parts = [...resources.map(({ name, version }) => `${name}@${version}`), ...removed];
  return JSON.stringify([typeUrl, parts.sort()]);
}

/** Numbers from 0 to 1 that depend on the seed alone. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
