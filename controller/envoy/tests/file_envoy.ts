/** A real Envoy that reads the resources of a layout from files, with no controller in between. */
import { join } from "node:path";
import { adminGet, bootstrapType, envoyBinary, waitUntilReady } from "../../data_plane/mod.ts";
import {
  type AnyMessage,
  decode,
  encode,
  isMessage,
  type Message,
  typeName,
} from "../../../proto/mod.ts";
import type { Resource } from "../mod.ts";

/** A running Envoy. */
export interface FileEnvoy {
  /** The port that a listener got. */
  readonly port: (listener: string) => number;
  /** What it wrote, its access log included. */
  readonly log: () => string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Starts an Envoy with these resources and waits until it serves them. */
export async function fileEnvoy(resources: readonly Resource[]): Promise<FileEnvoy> {
  const binary = await envoyBinary();
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const socket = join(folder, "admin.sock");
  const source: Source = (type, name = "all") =>
    join(folder, `${type} ${encodeURIComponent(name)}.pb`);
  const write = (path: string, type: string, resources: readonly Resource[]) =>
    Deno.writeFile(
      path,
      encode("envoy.service.discovery.v3.DiscoveryResponse", {
        versionInfo: "1",
        resources: resources.map(({ body }): AnyMessage => ({
          "@type": type,
          "@bytes": encode(type, withFiles(decode(type, body), source)),
        })),
      }),
    );
  const byType = Map.groupBy(resources, ({ typeUrl }) => typeName(typeUrl));
  for (const type of wholeTypes) await write(source(type), type, byType.get(type) ?? []);
  for (const resource of resources) {
    const type = typeName(resource.typeUrl);
    if (!wholeTypes.includes(type)) await write(source(type, resource.name), type, [resource]);
  }
  const bootstrap = join(folder, "bootstrap.pb");
  await Deno.writeFile(
    bootstrap,
    encode(bootstrapType, {
      node: { id: "test", cluster: "test" },
      admin: { address: { pipe: { path: socket } } },
      dynamicResources: {
        ldsConfig: fromFile(source("envoy.config.listener.v3.Listener")),
        cdsConfig: fromFile(source("envoy.config.cluster.v3.Cluster")),
      },
    }),
  );
  const child = new Deno.Command(binary, {
    args: [
      "-c",
      bootstrap,
      "--concurrency",
      "1",
      "--log-level",
      "warning",
      "--disable-hot-restart",
      "--file-flush-interval-msec",
      "20",
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const reading = Promise.all([child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) log += text;
  }));
  const stop = async () => {
    child.kill("SIGKILL");
    await child.status;
    await reading;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const timeout = AbortSignal.any([AbortSignal.timeout(20_000), ended(child)]);
    await waitUntilReady({ path: socket }, timeout);
    const { body } = await adminGet({ path: socket }, "/listeners?format=json", timeout);
    const ports = listenerPorts(body);
    return {
      port: (listener) => ports.get(listener) ?? 0,
      log: () => log,
      [Symbol.asyncDispose]: stop,
    };
  } catch (cause) {
    await stop();
    throw new Error(`Cannot start Envoy: ${log}`, { cause });
  }
}

/** Types of which Envoy takes all there are from one file; of the others it takes one from each. */
const wholeTypes = [
  "envoy.config.listener.v3.Listener",
  "envoy.config.cluster.v3.Cluster",
  "envoy.config.route.v3.ScopedRouteConfiguration",
];

/** What is asked for where, and which field beside it has the name. */
const subscriptions: Readonly<Record<string, readonly [type: string, name?: string]>> = {
  configSource: ["envoy.config.route.v3.RouteConfiguration", "routeConfigName"],
  rdsConfigSource: ["envoy.config.route.v3.RouteConfiguration"],
  scopedRdsConfigSource: ["envoy.config.route.v3.ScopedRouteConfiguration"],
  edsConfig: ["envoy.config.endpoint.v3.ClusterLoadAssignment", "serviceName"],
  sdsConfig: ["envoy.extensions.transport_sockets.tls.v3.Secret", "name"],
};

type Source = (type: string, name?: string) => string;

/** The message with every subscription over the stream made one to a file. */
function withFiles(message: Message, source: Source): Message {
  const replaced = (field: string, value: unknown): unknown => {
    const [type, nameField = ""] = subscriptions[field] ?? [];
    const name = message[nameField];
    if (type !== undefined) {
      return fromFile(typeof name === "string" ? source(type, name) : source(type));
    }
    if (Array.isArray(value)) return value.map((item) => replaced("", item));
    return isMessage(value) ? withFiles(value, source) : value;
  };
  return Object.fromEntries(
    Object.entries(message).map(([field, value]) => [field, replaced(field, value)]),
  );
}

function fromFile(path: string): Message {
  return { pathConfigSource: { path }, resourceApiVersion: "V3" };
}

function ended(child: Deno.ChildProcess): AbortSignal {
  const controller = new AbortController();
  child.status.then(() => controller.abort(new Error("Envoy ended")));
  return controller.signal;
}

interface ListenersAnswer {
  readonly listener_statuses: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[];
}

function listenerPorts(body: string): ReadonlyMap<string, number> {
  const { listener_statuses } = JSON.parse(body) as ListenersAnswer;
  return new Map(
    listener_statuses.map(({ name, local_address }) => [
      name,
      local_address.socket_address.port_value,
    ]),
  );
}
