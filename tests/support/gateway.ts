/** The whole of it for a test: objects in, a real Envoy that serves them out. */
import {
  keyId,
  type KubeObject,
  type ObjectKey,
  type PolicyKinds,
  readManifest,
} from "../../controller/api/mod.ts";
import { deliver, type Delivery, type Refusal } from "../../controller/delivery.ts";
import type { AccessLogOptions, EnvoyOptions, LayoutKind } from "../../controller/envoy/mod.ts";
import { explain } from "../../controller/explanation.ts";
import {
  type Admission,
  admit,
  furnish,
  type RequestedPlugin,
  type ServiceAddress,
} from "../../controller/plugin/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import {
  ResourceCache,
  serveXds,
  systemClock,
  type XdsEvent,
  type XdsServer,
} from "../../controller/xds/mod.ts";
import {
  envoyOptionsAt,
  type ListenPlace,
  listenPlace,
  startEnvoy,
  type TestEnvoy,
} from "./envoy.ts";
import {
  type ClientTls,
  type HttpAnswer,
  type HttpRequest,
  send,
  sendHttp2,
} from "./http_client.ts";
import { eventually } from "./wait.ts";

/** Every layout: what a gateway does must not depend on it. */
export const layouts: readonly LayoutKind[] = ["scoped", "flat"];

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly layout: LayoutKind;
  /** YAML; see {@link objectsOf}. */
  readonly manifest: string;
  readonly settings?: Partial<Settings>;
  /** What differs from the options of {@link envoyOptionsAt}. */
  readonly envoy?: Partial<EnvoyOptions>;
  /** In place of the one that {@link Gateway.disagreements} needs. */
  readonly accessLog?: AccessLogOptions | "none";
  /** What every connection to Envoy begins with; see {@link Target}. */
  readonly preface?: string;
  /** Absent: none. */
  readonly plugins?: TestPlugins;
}

/** Plugins to try. */
export interface TestPlugins {
  readonly requested: readonly RequestedPlugin[];
  /** What the administrator sets, by name. */
  readonly settings?: ReadonlyMap<string, unknown>;
  /** Where their services listen, by plugin and service. */
  readonly addresses?: ReadonlyMap<string, Readonly<Record<string, ServiceAddress>>>;
}

/** A controller without files, and an Envoy that it has configured. */
export interface Gateway extends AsyncDisposable {
  readonly controller: TestController;
  readonly envoy: TestEnvoy;
  readonly place: ListenPlace;
  /** Adds or replaces objects. Resolves when Envoy runs by them. */
  readonly apply: (manifest: string) => Promise<void>;
  /** Takes objects away. Resolves when Envoy runs without them. */
  readonly remove: (...keys: readonly ObjectKey[]) => Promise<void>;
  /** Resolves when Envoy runs by all that was applied, save what it refuses. */
  readonly settled: () => Promise<void>;
  /** Sends a request and notes who answers and who should; see {@link Gateway.disagreements}. */
  readonly ask: (question: Question) => Promise<HttpAnswer>;
  /** The requests so far that Envoy gave to another rule than `explain` says, once it logged all. */
  readonly disagreements: () => Promise<readonly Disagreement[]>;
}

/** A request and the way it takes. */
export interface Question extends HttpRequest {
  /** Absent: without TLS. The server name is the host, unless another one is given. */
  readonly tls?: Omit<ClientTls, "serverName"> & { readonly serverName?: string };
  readonly httpVersion?: "1.1" | "2";
  /** Loopback address to come from; default 127.0.0.1. */
  readonly localAddress?: string;
}

/** A request that Envoy and our evaluator see differently. */
export interface Disagreement {
  readonly question: Omit<Question, "tls"> & { readonly tls: boolean };
  /** Name of Envoy's route; "-" for none. */
  readonly envoy: string;
  readonly ours: string;
}

/** Starts a gateway that serves a manifest. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const place = listenPlace();
  const controller = new TestController({ ...options, place });
  controller.apply({
    applied: [
      ...objectsOf(options.manifest, controller.policyKinds),
      probe(0, options.settings),
    ],
  });
  const xdsPort = await controller.listen();
  const envoy = await startEnvoy({
    xdsPort,
    asksForRuntime: options.envoy?.runtime !== undefined,
  });
  const asked: { readonly id: string; readonly question: Question; readonly ours: string }[] = [];
  let serial = 0;
  const settled = async () => {
    await controller.synced();
    await eventually("nothing waits in Envoy", envoy.isWarm);
    // Workers take changes in order: those who know this one know all before it.
    serial++;
    controller.apply({ applied: [probe(serial, options.settings)] });
    await eventually("Envoy's worker runs by the last change", async () => {
      const { body } = await askAt(place, { host: probeHost }, options.preface);
      return body === String(serial);
    });
  };
  const gateway: Gateway = {
    controller,
    envoy,
    place,
    settled,
    async apply(manifest) {
      controller.apply({ applied: objectsOf(manifest, controller.policyKinds) });
      await settled();
    },
    async remove(...keys) {
      controller.apply({ deleted: keys });
      await settled();
    },
    async ask(question) {
      const id = crypto.randomUUID();
      const ours = controller.ruleFor(question);
      const headers = { "x-request-id": id, ...question.headers };
      const answer = await askAt(place, { ...question, headers }, options.preface);
      // Misdirected requests are answered before routes are looked at.
      if (answer.status !== 421) asked.push({ id, question, ours });
      return answer;
    },
    async disagreements() {
      const all = await Promise.all(asked.map(async ({ id, question, ours }) => {
        const { tls, ...rest } = question;
        return {
          question: { ...rest, tls: tls !== undefined },
          ours,
          envoy: await envoy.ruleOf(id),
        };
      }));
      return all.filter(({ ours, envoy }) => ours !== envoy);
    },
    async [Symbol.asyncDispose]() {
      await envoy[Symbol.asyncDispose]();
      await controller.close();
    },
  };
  try {
    await envoy.ready();
    await settled();
    return gateway;
  } catch (error) {
    await gateway[Symbol.asyncDispose]();
    throw new Error(`Envoy does not serve the manifest: ${envoy.log.join("\n")}`, { cause: error });
  }
}

/** Reads objects. Throws when the text has mistakes: a test that is to have some says so itself. */
export function objectsOf(manifest: string, policyKinds?: PolicyKinds): readonly KubeObject[] {
  const { objects, diagnostics } = readManifest(manifest, { file: "test.yaml", policyKinds });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return objects.map(({ object }) => object);
  throw new Error(
    errors.map(({ position, message }) => `${position?.line}: ${message}`).join("\n"),
  );
}

/** Translation, cache and xDS server with nothing around them. */
export class TestController {
  readonly translation: Translation;
  readonly cache = new ResourceCache();
  /** What Envoys refused, in order. */
  readonly refusals: Refusal[] = [];
  /** What happened on the streams, in order. */
  readonly events: XdsEvent[] = [];
  /** The plugins in use. */
  readonly admission: Admission;
  readonly #delivery: Delivery;
  readonly #waiting = new Set<() => void>();
  #unhandled: XdsEvent[] = [];
  #server: XdsServer | undefined;
  #stop = new AbortController();

  constructor({ layout, settings, envoy, accessLog, place, plugins }: {
    readonly layout: LayoutKind;
    readonly settings?: Partial<Settings>;
    readonly envoy?: Partial<EnvoyOptions>;
    readonly accessLog?: AccessLogOptions | "none";
    readonly place: ListenPlace;
    readonly plugins?: TestPlugins;
  }) {
    const given = [...plugins?.settings ?? []].map(([name, value]) => [name, { value }] as const);
    this.admission = admit(plugins?.requested ?? [], new Map(given));
    const furnishing = furnish(this.admission.plugins, plugins?.addresses);
    this.translation = new Translation({
      settings: { ...defaultSettings, ...settings },
      envoy: {
        ...envoyOptionsAt(place, accessLog),
        ...(plugins === undefined ? {} : { plugins: furnishing.envoy }),
        ...envoy,
      },
      layout,
      plugins: furnishing.set,
    });
    this.#delivery = deliver({
      translation: this.translation,
      cache: this.cache,
      onRefused: (refusal) => this.refusals.push(refusal),
    });
  }

  /** Kinds that the plugins add. */
  get policyKinds(): PolicyKinds {
    return this.admission.policyKinds;
  }

  /** Takes a batch in and serves what follows from it, without waiting for anybody. */
  apply(batch: Parameters<Translation["apply"]>[0]): void {
    this.translation.apply(batch);
    this.#settle();
  }

  /** Where it serves. Throws when it does not. */
  get port(): number {
    if (this.#server === undefined) throw new Error("Nothing is served now");
    return this.#server.port;
  }

  /** How many Envoys are connected. */
  get connected(): number {
    return this.#server?.nodes().filter(({ streams }) => streams.length > 0).length ?? 0;
  }

  /** Begins to serve, at any free port unless one is given. Returns the port. */
  async listen(port = 0): Promise<number> {
    this.#stop = new AbortController();
    this.#server = await serveXds({
      address: "127.0.0.1",
      port,
      cache: this.cache,
      clock: systemClock,
      signal: this.#stop.signal,
      onEvent: (event) => this.#hear(event),
    });
    return this.#server.port;
  }

  /** Ends all streams and stops listening. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#server?.close();
    this.#server = undefined;
  }

  /** Resolves when `count` Envoys are connected and have all there is, save what they refuse. */
  async synced(count = 1): Promise<void> {
    await this.until("all Envoys have all there is", () => {
      this.#server?.pump();
      const nodes = this.#server?.nodes().filter(({ streams }) => streams.length > 0) ?? [];
      return nodes.length === count && nodes.every(({ isSynced }) => isSynced);
    });
  }

  /** Resolves once the condition holds; it is asked after everything that happens on a stream. */
  async until(what: string, condition: () => boolean, withinMs = 15_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`Waited in vain until ${what}`)), withinMs);
    const look = () => condition() && resolve();
    this.#waiting.add(look);
    look();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  /** The name of the route that should take a request; "-" for none. */
  ruleFor({ tls, method = "GET", host, path = "/", headers = {} }: Question): string {
    const request = { tls: tls !== undefined, method, host, path, headers };
    const found = explain(this.translation, request, () => undefined);
    return found === undefined ? "-" : `${keyId(found.object)}#${found.path}`;
  }

  #hear(event: XdsEvent): void {
    this.events.push(event);
    if (this.#unhandled.length === 0) queueMicrotask(() => this.#handle());
    this.#unhandled.push(event);
  }

  #handle(): void {
    const events = this.#unhandled;
    this.#unhandled = [];
    const isDue = events.map((event) => this.#delivery.handle(event)).includes(true);
    if (isDue) this.#settle();
    for (const look of [...this.#waiting]) look();
  }

  #settle(): void {
    while (this.#delivery.publish(this.translation.settleNow()));
  }
}

const probeHost = "probe.gateway.test";

/** A host whose answer says how far Envoy is. */
function probe(serial: number, settings: Partial<Settings> = {}): KubeObject {
  // One of those that are served, whatever the classes and namespaces.
  const [ingressClassName = "contour"] = settings.ingressClassNames ?? [];
  const [namespace = "gateway-probe"] = settings.rootNamespaces ?? [];
  const [object] = objectsOf(JSON.stringify({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: "gateway-probe", namespace },
    spec: {
      ingressClassName,
      virtualhost: { fqdn: probeHost },
      routes: [{
        // Whoever is to be asked about all requests need not know of this one.
        authPolicy: { disabled: true },
        directResponsePolicy: { statusCode: 200, body: String(serial) },
      }],
    },
  }));
  if (object === undefined) throw new Error("The probe is no object");
  return object;
}

/** Sends a request to an Envoy; see {@link GatewayOptions.preface}. */
export async function askAt(
  place: ListenPlace,
  question: Question,
  preface?: string,
): Promise<HttpAnswer> {
  const { tls, localAddress = "127.0.0.1", httpVersion, host } = question;
  const begin = {
    address: place.address,
    localAddress,
    ...(preface === undefined ? {} : { preface }),
  };
  if (tls === undefined) return await send({ ...begin, port: place.http }, question);
  const serverName = tls.serverName ?? host.replace(/:\d+$/, "").toLowerCase();
  const target = { ...begin, port: place.https, tls: { ...tls, serverName } };
  return await (httpVersion === "2" ? sendHttp2 : send)(target, question);
}
