/** A controller and an Envoy that several teams share, whatever the objects come from. */
import { type Backend, startBackend } from "../support/backend.ts";
import type { Manifest } from "../support/cluster/mod.ts";
import {
  contourCommand,
  type ContourProcess,
  type LogEvent,
  startContour,
} from "../support/contour_process.ts";
import { type ListenPlace, listenPlace, startEnvoy, type TestEnvoy } from "../support/envoy.ts";
import { type CanaryStage, makeCanaryStage } from "./canaries.ts";
import { material } from "./guilty/material.ts";
import { namespace } from "./guilty/mod.ts";

/** How hosts become resources. */
export type Layout = "flat" | "scoped";

/** What teams and tests do to a world. */
export interface World extends AsyncDisposable {
  readonly kind: "files" | "cluster";
  readonly stage: WorldStage;
  /** All serve the same objects, each in a layout of its own. */
  readonly sides: readonly Side[];
  /** Objects under one name, in place of those that were there under it. */
  readonly put: (name: string, objects: readonly Manifest[]) => Promise<void>;
  /** Takes away what was put under a name. */
  readonly drop: (name: string) => Promise<void>;
  /** What the cluster holds of an object. Absent: there is none. */
  readonly read?: (manifest: Manifest) => Promise<unknown>;
}

/** A controller with its Envoy. */
export interface Side {
  readonly layout: Layout;
  readonly place: ListenPlace;
  /** What the controller wrote since its last start. */
  readonly log: () => readonly LogEvent[];
  /** What Envoy's admin interface answers. */
  readonly admin: (path: string) => Promise<string>;
  /** The process of the controller. */
  readonly pid: () => number;
  /** Kills controller and Envoy, and starts others in their place. */
  readonly restart: () => Promise<void>;
}

/** What worlds need of this machine. */
export interface WorldStage extends CanaryStage, AsyncDisposable {}

/** Starts two backends at an address, as endpoints of Services. */
export async function startWorldStage(address: string): Promise<WorldStage> {
  const backends: Backend[] = [];
  for (const name of ["a", "b"]) backends.push(await startBackend({ name, address }));
  const [a, b] = backends;
  if (a === undefined || b === undefined) throw new Error("There are no backends");
  return {
    ...await makeCanaryStage(),
    address,
    backends: { a, b },
    async [Symbol.asyncDispose]() {
      for (const backend of backends) await backend[Symbol.asyncDispose]();
    },
  };
}

/** The Service, the certificate and the authority that guilty objects name. */
export function surroundings({ address, backends }: WorldStage): readonly Manifest[] {
  return [
    ...serviceAt({ namespace, name: "web" }, address, backends.a.port),
    ...serviceAt({ namespace, name: "other" }, address, backends.b.port),
    secretOf({ namespace, name: "tls" }, {
      "tls.crt": material.leaf.certificate,
      "tls.key": material.leaf.privateKey,
    }),
    secretOf({ namespace, name: "ca" }, { "ca.crt": material.ca }),
    secretOf({ namespace, name: "crl" }, { "crl.pem": material.crl }),
  ];
}

/** A Service with port 80 and the endpoint behind it. */
export function serviceAt(
  metadata: { readonly namespace: string; readonly name: string },
  address: string,
  port: number,
  annotations: Readonly<Record<string, string>> = {},
): readonly Manifest[] {
  const { namespace, name } = metadata;
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata, annotations },
      spec: { ports: [{ port: 80, targetPort: port }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { namespace, name, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [{ name: "", port }],
      endpoints: [{ addresses: [address] }],
    },
  ];
}

/** A Secret with texts. */
export function secretOf(
  metadata: { readonly namespace: string; readonly name: string },
  stringData: Readonly<Record<string, string>>,
): Manifest {
  const data = Object.fromEntries(
    Object.entries(stringData).map(([name, text]) => [
      name,
      new TextEncoder().encode(text).toBase64(),
    ]),
  );
  return { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data };
}

/**
 * Starts a controller and its Envoy for each layout; `args` say where the objects are, and `command`
 * is another one than the usual.
 */
export async function startSides(
  args: readonly string[],
  command: readonly string[] = contourCommand,
): Promise<Sides> {
  const pairs = (["scoped", "flat"] as const).map((layout) => new Pair(layout, args, command));
  const end = async () => {
    for (const pair of pairs) await pair[Symbol.asyncDispose]();
  };
  try {
    await Promise.all(pairs.map((pair) => pair.start()));
    return { sides: pairs, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** See {@link startSides}. */
export interface Sides extends AsyncDisposable {
  readonly sides: readonly Side[];
}

class Pair implements Side, AsyncDisposable {
  readonly layout: Layout;
  readonly place = listenPlace();
  readonly #args: readonly string[];
  readonly #command: readonly string[];
  #contour: ContourProcess | undefined;
  #envoy: TestEnvoy | undefined;

  constructor(layout: Layout, args: readonly string[], command: readonly string[]) {
    this.layout = layout;
    this.#args = args;
    this.#command = command;
  }

  async start(): Promise<void> {
    const { address, http, https } = this.place;
    const contour = startContour([
      ...["serve", ...this.#args, "--xds-layout", this.layout, "--insecure", "--xds-port", "0"],
      ...["--http-address", "127.0.0.1", "--http-port", "0", "--debug-http-port", "0"],
      ...["--health-address", "127.0.0.1", "--health-port", "0"],
      ...["--envoy-service-http-address", address, "--envoy-service-http-port", `${http}`],
      ...["--envoy-service-https-address", address, "--envoy-service-https-port", `${https}`],
      ...["--stats-address", address, "--stats-port", "8002"],
    ], this.#command);
    this.#contour = contour;
    const xds = String((await contour.told("Listening"))["xds"]);
    const envoy = await startEnvoy({
      xdsPort: Number(xds.slice(xds.lastIndexOf(":") + 1)),
      nodeId: this.layout,
    });
    this.#envoy = envoy;
    await envoy.ready();
  }

  log(): readonly LogEvent[] {
    return this.#contour?.events ?? [];
  }

  pid(): number {
    return this.#contour?.pid ?? 0;
  }

  admin(path: string): Promise<string> {
    if (this.#envoy === undefined) throw new Error("No Envoy was started");
    return this.#envoy.admin(path);
  }

  async restart(): Promise<void> {
    this.#contour?.kill("SIGKILL");
    await this[Symbol.asyncDispose]();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#envoy?.[Symbol.asyncDispose]();
    await this.#contour?.[Symbol.asyncDispose]();
  }
}
