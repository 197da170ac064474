/** Asks a real Envoy what it thinks of resources, thousands of them over one stream. */
import { Buffer } from "node:buffer";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { decode, encode, isMessage, type Message, typeName, typeUrl } from "../../proto/mod.ts";
import { secretText } from "../random/world.ts";
import { startEnvoy, type TestEnvoy } from "../support/envoy.ts";
import { eventually } from "../support/wait.ts";
import { baseCluster, type Subject, type SubjectType, subjectTypes } from "./subjects.ts";

/** See {@link judgeByEnvoy}. */
export interface EnvoyJudge extends AsyncDisposable {
  /** Envoy's words about each, in order; `undefined`: it takes it. */
  readonly judge: (subjects: readonly Subject[]) => Promise<readonly (string | undefined)[]>;
}

/** Where Envoy is found dead after it got one. */
export const died = "Envoy died of it";

/**
 * Starts an Envoy. Each resource goes to it in a response of its own, under a name of its own, and
 * the next response takes it back: so Envoy says of each what it thinks, whatever it thought of
 * others. The response after it need not wait for that.
 */
export async function judgeByEnvoy(): Promise<EnvoyJudge> {
  const { "tls.crt": certificate = "", "tls.key": key = "" } = await secretText();
  const bytes = (text: string) => ({ inlineBytes: new TextEncoder().encode(text) });
  const feeder = new Feeder({
    tlsCertificate: { certificateChain: bytes(certificate), privateKey: bytes(key) },
  });
  const { port, stop } = await serve((call) => feeder.connected(call));
  const envoy: TestEnvoy = await startEnvoy({ xdsPort: port, nodeId: "judge" });
  await feeder.isReady();
  return {
    judge: (subjects) => feeder.judge(subjects),
    async [Symbol.asyncDispose]() {
      await envoy[Symbol.asyncDispose]();
      stop();
    },
  };
}

type Call = ServerDuplexStream<Request, Buffer>;

interface Request {
  readonly typeUrl: string;
  readonly responseNonce?: string;
  readonly resourceNamesSubscribe?: readonly string[];
  readonly errorDetail?: { readonly message?: string };
}

class Feeder {
  readonly #secret: Message;
  #call: Call | undefined;
  #nonce = 0;
  readonly #pending = new Map<string, (words: string | undefined) => void>();
  readonly #asked = new Set<string>();
  /** What was sent last of a type, to be taken back. */
  readonly #last = new Map<string, string>();
  /** Resolved when the stream breaks. */
  #broken = Promise.withResolvers<void>();

  /** `secret` is what each Secret is that Envoy asks for. */
  constructor(secret: Message) {
    this.#secret = secret;
  }

  connected(call: Call): void {
    this.#call = call;
    this.#asked.clear();
    this.#last.clear();
    call.on("data", (request: Request) => this.#receive(request));
    const over = () => {
      if (this.#call !== call) return;
      this.#call = undefined;
      this.#asked.clear();
      this.#pending.clear();
      this.#broken.resolve();
      this.#broken = Promise.withResolvers();
    };
    for (const event of ["end", "cancelled", "close", "error"]) call.on(event, over);
  }

  async isReady(): Promise<void> {
    await eventually(
      "Envoy asks for all types",
      () => Object.values(subjectTypes).every((type) => this.#asked.has(typeUrl(type))),
      { withinMs: 30_000 },
    );
  }

  async judge(subjects: readonly Subject[]): Promise<readonly (string | undefined)[]> {
    const words: (string | undefined)[] = [];
    for (let start = 0; start < subjects.length; start += windowSize) {
      const window = subjects.slice(start, start + windowSize);
      const all = await this.#sendAll(window);
      if (all !== undefined) words.push(...all);
      // One of them was too much: which, shows when they come one by one.
      else for (const subject of window) words.push(await this.#sendAlone(subject));
    }
    return words;
  }

  async #sendAlone(subject: Subject): Promise<string | undefined> {
    const words = await this.#sendAll([subject]);
    return words === undefined ? died : words[0];
  }

  /** `undefined`: Envoy died meanwhile. */
  async #sendAll(
    subjects: readonly Subject[],
  ): Promise<readonly (string | undefined)[] | undefined> {
    await this.isReady();
    const broken = this.#broken.promise.then(() => undefined);
    const answers = Promise.all(subjects.map((subject) => this.#send(subject)));
    for (const type of new Set(subjects.map(({ type }) => type))) this.#takeBack(type);
    return await Promise.race([answers, broken]);
  }

  #send({ type, message }: Subject): Promise<string | undefined> {
    const nonce = String(++this.#nonce);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#pending.set(nonce, resolve);
    const name = type === subjectTypes.assignment ? "eds" : `m${nonce}`;
    const last = this.#last.get(type);
    const whole = withCertificate(named(type, message, name), this.#secret["tlsCertificate"]);
    this.#write(type, nonce, [{ name, body: encode(type, whole as Message) }], [
      ...(last === undefined || last === name ? [] : [last]),
    ]);
    this.#last.set(type, name);
    return promise;
  }

  #takeBack(type: SubjectType): void {
    const last = this.#last.get(type);
    if (last === undefined || type === subjectTypes.assignment) return;
    this.#last.delete(type);
    this.#write(type, `back-${++this.#nonce}`, [], [last]);
  }

  #receive(request: Request): void {
    const { typeUrl, responseNonce = "", resourceNamesSubscribe = [], errorDetail } = request;
    const type = typeName(typeUrl);
    const isFirst = !this.#asked.has(typeUrl);
    this.#asked.add(typeUrl);
    if (isFirst && base[type] !== undefined) this.#write(type, "base", base[type], []);
    if (type === subjectTypes.assignment && resourceNamesSubscribe.length > 0) {
      const none = resourceNamesSubscribe.map((name) => ({
        name,
        body: encode(type, { clusterName: name }),
      }));
      this.#write(type, "none", none, []);
    }
    if (type === secretType && resourceNamesSubscribe.length > 0) {
      const secrets = resourceNamesSubscribe.map((name) => ({
        name,
        body: encode(type, { ...this.#secret, name }),
      }));
      this.#write(type, "secrets", secrets, []);
    }
    this.#pending.get(responseNonce)?.(
      errorDetail === undefined ? undefined : errorDetail.message ?? "",
    );
    this.#pending.delete(responseNonce);
  }

  #write(
    type: string,
    nonce: string,
    resources: readonly { readonly name: string; readonly body: Uint8Array }[],
    removedResources: readonly string[],
  ): void {
    this.#call?.write(Buffer.from(encode(responseType, {
      typeUrl: typeUrl(type),
      nonce,
      resources: resources.map(({ name, body }) => ({
        name,
        version: nonce,
        resource: { "@type": type, "@bytes": body },
      })),
      removedResources,
    })));
  }
}

/** How many are under way at once. */
const windowSize = 64;

const secretType = "envoy.extensions.transport_sockets.tls.v3.Secret";
const requestType = "envoy.service.discovery.v3.DeltaDiscoveryRequest";
const responseType = "envoy.service.discovery.v3.DeltaDiscoveryResponse";
const ads = { ads: {}, resourceApiVersion: "V3" };

/** A resource under another name. Nothing listens, so that none is in the way of another. */
function named(type: SubjectType, message: Message, name: string): Message {
  switch (type) {
    case subjectTypes.cluster:
      return message["name"] === "" ? message : { ...message, name };
    case subjectTypes.assignment:
      return message["clusterName"] === "" ? message : { ...message, clusterName: name };
    case subjectTypes.listener:
      return {
        ...message,
        name,
        // Envoy lets no two have one address, those included that it is about to close.
        address: { socketAddress: { address: "127.1.1.1", portValue: 1 + Number(name.slice(1)) } },
        bindToPort: { value: false },
      };
    case subjectTypes.scope: {
      const { key } = message;
      const isGood = JSON.stringify(key) === '{"fragments":[{"stringKey":"k"}]}';
      return { ...message, name, ...(isGood ? { key: { fragments: [{ stringKey: name }] } } : {}) };
    }
  }
}

/**
 * The same with a certificate of its own, where it has one whose Secret would be asked for: without it
 * Envoy says nothing of what else is in a context of TLS.
 */
function withCertificate(value: unknown, certificate: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withCertificate(item, certificate));
  if (!isMessage(value)) return value;
  const { tlsCertificateSdsSecretConfigs: asked, ...rest } = value;
  const [one, ...more] = Array.isArray(asked) ? asked : [];
  const isUsual = isMessage(one) && more.length === 0 && /^[\w./-]+$/.test(String(one["name"])) &&
    JSON.stringify(one["sdsConfig"]) === JSON.stringify(ads);
  return Object.fromEntries(
    Object.entries(isUsual ? { ...rest, tlsCertificates: [certificate] } : value)
      .map(([key, item]) => [key, withCertificate(item, certificate)]),
  );
}

/** What makes Envoy ask for every type. */
const base: Readonly<
  Record<string, readonly { readonly name: string; readonly body: Uint8Array }[]>
> = {
  [subjectTypes.cluster]: [
    resource(subjectTypes.cluster, baseCluster, { name: baseCluster, type: "STATIC" }),
    resource(subjectTypes.cluster, "warm", {
      name: "warm",
      type: "EDS",
      edsClusterConfig: { edsConfig: ads, serviceName: "eds" },
    }),
  ],
  [subjectTypes.listener]: [resource(subjectTypes.listener, "scoped", {
    name: "scoped",
    address: { socketAddress: { address: "127.0.0.1", portValue: 1 } },
    bindToPort: { value: false },
    filterChains: [{
      filters: [{
        name: "hcm",
        typedConfig: {
          "@type":
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
          statPrefix: "scoped",
          scopedRoutes: {
            name: "scoped",
            scopeKeyBuilder: {
              fragments: [{
                headerValueExtractor: { name: "x-scope", index: 0 },
              }],
            },
            rdsConfigSource: ads,
            scopedRds: { scopedRdsConfigSource: ads },
          },
          httpFilters: [{
            name: "router",
            typedConfig: { "@type": "envoy.extensions.filters.http.router.v3.Router" },
          }],
        },
      }],
    }],
  })],
};

function resource(type: SubjectType, name: string, message: Message) {
  return { name, body: encode(type, message) };
}

async function serve(
  onCall: (call: Call) => void,
): Promise<{ readonly port: number; readonly stop: () => void }> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService({
    delta: {
      path: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      requestStream: true,
      responseStream: true,
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (bytes: Buffer) => decode(requestType, bytes),
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    },
  }, { delta: onCall });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(
    "127.0.0.1:0",
    ServerCredentials.createInsecure(),
    (error, port) => error === null ? resolve(port) : reject(error),
  );
  return { port: await promise, stop: () => server.forceShutdown() };
}
