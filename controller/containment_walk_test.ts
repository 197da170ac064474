/**
 * Containment as a whole, by chance: hosts come, change, break and go while several Envoys are
 * served, one of which is older and refuses more, another speaks the older form of the protocol.
 * Whatever happens, each Envoy ends with every host that it takes in its latest form, no refused
 * response comes twice, and what one refuses costs no other.
 */
import assert from "node:assert/strict";
import { DeltaClient, type DeltaResource } from "../tests/support/xds_client.ts";
import { Random } from "../tests/support/world/random.ts";
import { decode, encode, isMessage, type Message, typeName } from "../proto/mod.ts";
import { deliver } from "./delivery.ts";
import {
  createLayout,
  defaultEnvoyOptions,
  type HostFragment,
  type LayoutKind,
} from "./envoy/mod.ts";
import {
  LISTENER,
  NodeStates,
  ResourceCache,
  ROUTE_CONFIGURATION,
  SCOPED_ROUTE_CONFIGURATION,
  Stream,
  type StreamResponse,
} from "./xds/mod.ts";
import { StateOfTheWorld, type WorldResponse } from "./xds/state_of_the_world.ts";

const layouts: readonly LayoutKind[] = ["scoped", "flat"];

for (const layout of layouts) {
  Deno.test(`each Envoy ends with all hosts it takes, whatever others refuse, ${layout}`, () => {
    for (let seed = 1; seed <= 60; seed++) {
      try {
        walk(seed, layout);
      } catch (cause) {
        throw new Error(`Seed ${seed} fails`, { cause });
      }
    }
  });

  for (const guilty of [1, 3]) {
    Deno.test(`of 256 new hosts ${guilty} are found in few steps, while others change, ${layout}`, () => {
      const world = new World(7, layout, [{
        id: "one",
        speaks: "incremental",
        refuses: ["bad"],
      }]);
      for (let i = 0; i < 256; i++) {
        world.set(
          `t${i}.test`,
          i % 85 === 3 && i < 85 * guilty ? "bad" : "good 1",
        );
      }
      world.publish();
      const [envoy] = world.envoys;
      assert.ok(envoy);
      let rounds = 0;
      let asked:
        | {
          readonly round: number;
          readonly host: string;
          readonly form: string;
        }
        | undefined;
      let slowest = 0;
      for (; !world.isIdle(); rounds++) {
        assert.ok(rounds < 400, "it does not end");
        if (asked !== undefined && envoy.formOf(asked.host) === asked.form) {
          slowest = Math.max(slowest, rounds - asked.round);
          asked = undefined;
        }
        if (asked === undefined && rounds < 60) {
          asked = {
            round: rounds,
            host: `t${100 + rounds}.test`,
            form: `edit ${rounds}`,
          };
          world.set(asked.host, asked.form);
          world.publish();
        }
        world.deliver(envoy);
      }
      world.check();
      const bound = guilty * 2 * Math.ceil(Math.log2(256)) + 8;
      assert.ok(
        envoy.refusals <= bound,
        `${envoy.refusals} refusals, more than ${bound}`,
      );
      assert.ok(slowest <= 12, `a change took ${slowest} responses to arrive`);
    });
  }
}

Deno.test("an Envoy that comes as another version is asked again", () => {
  const old = {
    id: "old",
    speaks: "incremental",
    refuses: ["bad", "novel"],
  } as const;
  const world = new World(3, "flat", [old, {
    ...old,
    id: "new",
    refuses: ["bad"],
  }]);
  world.set("t0.test", "good");
  world.set("t1.test", "novel");
  world.publish();
  world.settle();
  world.check();
  const [envoy] = world.envoys;
  assert.ok(envoy);
  assert.equal(envoy.formOf("t1.test"), undefined);
  envoy.upgrade(["bad"]);
  world.settle();
  world.check();
  assert.equal(envoy.formOf("t1.test"), "novel");
});

function walk(seed: number, layout: LayoutKind): void {
  const random = new Random(seed);
  const world = new World(seed, layout, [
    { id: "new", speaks: "incremental", refuses: ["bad"] },
    { id: "old", speaks: "incremental", refuses: ["bad", "novel"] },
    { id: "whole", speaks: "whole", refuses: ["bad"] },
  ]);
  const names = ["a", "b", "c"].flatMap((
    name,
  ) => [`${name}.test`, `*.${name}.test`, `t${name}.test`]);
  let edits = 0;
  // Each is new: what was refused, went and comes again is another attempt.
  const form = () => `${random.of(["bad", "novel", "good", "good"])} ${edits++}`;
  for (const name of names) if (random.chance(0.6)) world.set(name, form());
  world.publish();
  for (let step = 0; step < 60; step++) {
    const dice = random.next();
    if (dice < 0.35) {
      for (let i = 0; i <= random.below(3); i++) {
        world.set(random.of(names), random.chance(0.15) ? undefined : form());
      }
      world.publish();
    } else if (dice < 0.93) world.deliver(random.of(world.envoys));
    else if (dice < 0.97) random.of(world.envoys).reconnect();
    else {
      world.settle();
      world.check();
    }
  }
  world.settle();
  world.check();
}

interface Role {
  readonly id: string;
  readonly speaks: "incremental" | "whole";
  /** What a form begins with that it refuses. */
  readonly refuses: readonly string[];
}

class World {
  readonly hosts = new Map<string, string>();
  readonly cache = new ResourceCache();
  readonly states = new NodeStates();
  readonly envoys: readonly Envoy[];
  readonly #layout;
  readonly delivery;
  readonly #changed = new Set<string>();
  now = 1_000_000;

  constructor(seed: number, layout: LayoutKind, roles: readonly Role[]) {
    this.#layout = createLayout(layout, defaultEnvoyOptions);
    this.delivery = deliver({
      translation: {
        layout: this.#layout,
        refuse: () => {},
        policiesOf: () => [],
      },
      cache: this.cache,
      onRefused: () => {},
    });
    this.publish();
    this.envoys = roles.map((role, i) => new Envoy(this, role, new Random(seed * 10 + i)));
  }

  set(fqdn: string, form: string | undefined): void {
    if (form === undefined) this.hosts.delete(fqdn);
    else this.hosts.set(fqdn, form);
    this.#changed.add(fqdn);
  }

  publish(): void {
    const changed = new Map<string, HostFragment>();
    const removed: string[] = [];
    for (const fqdn of this.#changed) {
      const form = this.hosts.get(fqdn);
      if (form === undefined) removed.push(fqdn);
      else changed.set(fqdn, fragment(fqdn, form));
    }
    this.#changed.clear();
    this.delivery.publish({
      resources: this.#layout.update({ hosts: { changed, removed } }),
    });
    this.pump();
  }

  deliver(envoy: Envoy): void {
    envoy.deliver();
    this.pump();
  }

  pump(): void {
    for (const envoy of this.envoys ?? []) envoy.pump();
  }

  isIdle(): boolean {
    return this.envoys.every(({ isIdle }) => isIdle);
  }

  settle(): void {
    // What is heard while responses are made has them made anew.
    for (let rounds = 0, idle = 0; idle < 8; rounds++) {
      idle = this.isIdle() ? idle + 1 : 0;
      assert.ok(rounds < 2_000, "it does not end");
      for (const envoy of this.envoys) envoy.deliver();
      this.now += 100;
      this.pump();
    }
  }

  check(): void {
    for (const envoy of this.envoys) {
      for (const [fqdn, form] of this.hosts) {
        const has = envoy.formOf(fqdn);
        if (envoy.takes(form)) {
          assert.equal(has, form, `${envoy.id} lacks ${fqdn}`);
        } else assert.notEqual(has, form, `${envoy.id} has the bad ${fqdn}`);
      }
      for (const fqdn of envoy.hosts()) {
        assert.ok(
          this.hosts.has(fqdn),
          `${envoy.id} has ${fqdn}, which is gone`,
        );
      }
    }
  }
}

/** One Envoy with its stream. */
class Envoy {
  readonly id: string;
  refusals = 0;
  readonly #world: World;
  readonly #role: Role;
  #refuses: readonly string[];
  #version = "1.0.0";
  readonly #random: Random;
  #client: DeltaClient;
  #stream: Stream;
  #whole: StateOfTheWorld | undefined;
  #inbox: (StreamResponse | WorldResponse)[] = [];
  #refused = new Set<string>();
  /** What it has of each type, where it speaks the older form. */
  readonly #has = new Map<string, Map<string, DeltaResource>>();

  constructor(world: World, role: Role, random: Random) {
    this.#world = world;
    this.#role = role;
    this.#refuses = role.refuses;
    this.#random = random;
    this.id = role.id;
    this.#client = new DeltaClient({
      refuse: (typeUrl, resource) => this.#refusal(typeUrl, resource.body),
      partially: () => this.#random.chance(0.5),
      remembersPartially: new Set([SCOPED_ROUTE_CONFIGURATION]),
    });
    this.#stream = this.#open();
    this.#begin();
  }

  get isIdle(): boolean {
    return this.#inbox.length === 0 && this.#stream.deadline() === undefined;
  }

  takes(form: string): boolean {
    return !this.#refuses.some((start) => form.startsWith(start));
  }

  formOf(fqdn: string): string | undefined {
    return this.#forms().get(fqdn);
  }

  hosts(): Iterable<string> {
    return this.#forms().keys();
  }

  pump(): void {
    const responses = this.#whole?.pump(this.#world.now) ??
      this.#stream.pump(this.#world.now);
    for (const response of responses) {
      assert.ok(
        !this.#refused.has(identity(response)),
        `${this.id} gets again what it refused`,
      );
      this.#inbox.push(response);
    }
  }

  deliver(): void {
    const response = this.#inbox.shift();
    if (response === undefined) return;
    if (this.#whole !== undefined) {
      return this.#takeWhole(this.#whole, response);
    }
    const request = this.#client.take({ removed: [], ...response });
    if (request.error !== undefined) this.#note(response);
    this.#stream.receive(request, this.#world.now);
  }

  reconnect(): void {
    this.#close();
    this.#stream = this.#open();
    if (this.#role.speaks === "whole") {
      this.#has.clear();
      this.#begin();
    } else {for (const request of this.#client.reconnect()) {
        this.#stream.receive(request, this.#world.now);
      }}
    this.#world.pump();
  }

  /** Starts anew as another version. */
  upgrade(refuses: readonly string[]): void {
    this.#close();
    this.#refuses = refuses;
    this.#version = "2.0.0";
    this.#refused.clear();
    this.#client.restart();
    this.#stream = this.#open();
    this.#begin();
    this.#world.pump();
  }

  #close(): void {
    this.#stream.close();
    this.#world.states.disconnect(this.#stream.node, this.#world.now);
    this.#world.delivery.handle({ kind: "disconnected", node: this.#stream.node.node });
    this.#inbox = [];
  }

  #open(): Stream {
    const { cache, states, now } = this.#world;
    const node = { id: this.id, cluster: "test", version: this.#version };
    const state = states.connect(node, now);
    this.#world.delivery.handle({ kind: "connected", node });
    const stream = new Stream({
      cache,
      node: state,
      now,
      emit: (event) => this.#world.delivery.handle(event),
      ...(this.#role.speaks === "whole"
        ? { maxResponseBytes: () => Number.POSITIVE_INFINITY }
        : { maxResponseBytes: () => 4_000 }),
    });
    this.#whole = this.#role.speaks === "whole" ? new StateOfTheWorld(stream) : undefined;
    return stream;
  }

  #begin(): void {
    const { now } = this.#world;
    const routes = ["ingress_http", "https/none"];
    if (this.#whole !== undefined) {
      for (
        const [typeUrl, names] of [[LISTENER, []], [
          ROUTE_CONFIGURATION,
          routes,
        ]] as const
      ) {
        this.#whole.receive({ typeUrl, names, responseNonce: "" }, now);
      }
      this.#whole.receive(
        { typeUrl: SCOPED_ROUTE_CONFIGURATION, names: [], responseNonce: "" },
        now,
      );
      return;
    }
    this.#stream.receive(this.#client.subscribe(LISTENER), now);
    this.#stream.receive(
      this.#client.subscribe(SCOPED_ROUTE_CONFIGURATION),
      now,
    );
    this.#stream.receive(
      this.#client.subscribe(ROUTE_CONFIGURATION, ...routes),
      now,
    );
  }

  #takeWhole(
    whole: StateOfTheWorld,
    response: StreamResponse | WorldResponse,
  ): void {
    const { typeUrl, nonce, resources } = response;
    const errors = resources.flatMap(({ body }) => this.#refusal(typeUrl, body) ?? []);
    const names = typeUrl === ROUTE_CONFIGURATION ? ["ingress_http", "https/none"] : [];
    const answer = { typeUrl, names, responseNonce: nonce };
    if (errors.length > 0) {
      this.#note(response);
      return whole.receive(
        { ...answer, error: errors.join() },
        this.#world.now,
      );
    }
    const had = typeUrl === ROUTE_CONFIGURATION ? this.#has.get(typeUrl) ?? [] : [];
    this.#has.set(
      typeUrl,
      new Map([...had, ...resources.map((one) => [one.name, one] as const)]),
    );
    whole.receive(answer, this.#world.now);
  }

  #note(response: StreamResponse | WorldResponse): void {
    this.refusals++;
    this.#refused.add(identity(response));
  }

  #refusal(typeUrl: string, body: Uint8Array): string | undefined {
    const bad = [...formsIn(typeUrl, body).values()].find((form) => !this.takes(form));
    return bad === undefined ? undefined : `it is ${bad}`;
  }

  #forms(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (
      const typeUrl of [
        LISTENER,
        SCOPED_ROUTE_CONFIGURATION,
        ROUTE_CONFIGURATION,
      ]
    ) {
      const all = this.#role.speaks === "whole" ? this.#has.get(typeUrl) : this.#client.of(typeUrl);
      for (const { body } of all?.values() ?? []) {
        for (const [fqdn, form] of formsIn(typeUrl, body)) {
          found.set(fqdn, form);
        }
      }
    }
    return found;
  }
}

/** A host of one listener: of the one with TLS where its name begins with a `t`. */
function fragment(fqdn: string, form: string): HostFragment {
  const owner = {
    kind: "HTTPProxy",
    namespace: "default",
    name: fqdn,
  } as const;
  const common = { fqdn, owner, clusters: [], secrets: [], diagnostics: [] };
  if (fqdn.startsWith("t")) {
    const filterChain = encode("envoy.config.listener.v3.FilterChain", {
      name: form,
      filterChainMatch: { serverNames: [fqdn] },
    });
    return {
      ...common,
      secure: { serverNames: [fqdn], filterChain, clusters: [] },
    };
  }
  const virtualHost = encode("envoy.config.route.v3.VirtualHost", {
    name: fqdn,
    domains: [fqdn],
    routes: [{ name: form }],
  });
  return {
    ...common,
    plain: { virtualHost, clusters: [], followsRedirects: false },
  };
}

/** The forms of hosts by name that a resource holds. */
function formsIn(
  typeUrl: string,
  body: Uint8Array,
): ReadonlyMap<string, string> {
  const message = decode(typeName(typeUrl), body);
  const found = new Map<string, string>();
  for (const { name, filterChainMatch } of messages(message["filterChains"])) {
    const names = isMessage(filterChainMatch) ? filterChainMatch["serverNames"] : undefined;
    if (Array.isArray(names)) found.set(String(names[0]), String(name));
  }
  const inline = message["routeConfiguration"];
  for (const table of isMessage(inline) ? [inline] : [message]) {
    for (const { name, routes } of messages(table["virtualHosts"])) {
      const form = messages(routes)[0]?.["name"];
      if (form !== undefined) found.set(String(name), String(form));
    }
  }
  return found;
}

function messages(list: unknown): readonly Message[] {
  return Array.isArray(list) ? list.filter(isMessage) : [];
}

/** What makes two responses the same. */
function identity(response: StreamResponse | WorldResponse): string {
  const parts = response.resources.map(({ name, version }) => `${name}@${version}`);
  const removed = "removed" in response ? response.removed : [];
  return JSON.stringify([response.typeUrl, parts.sort(), [...removed].sort()]);
}
