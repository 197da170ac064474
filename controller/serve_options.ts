import type { Logger } from "./admin/mod.ts";
import type { Diagnostic, Kind, ObjectKey, Position } from "./api/mod.ts";
import type { Configuration, Endpoint } from "./configuration/mod.ts";
import { type Address, parseAddress } from "./data_plane/mod.ts";
import type { LoadedPlugins } from "./plugin_host/mod.ts";
import type { LeaseTiming, RateLimit } from "./kube/mod.ts";

export type { Endpoint } from "./configuration/mod.ts";

/** Everything `contour serve` can be told. */
export interface ServeOptions {
  /** Where the objects are. */
  readonly source: FilesOptions | ClusterOptions;
  /** What is configured, whoever said it. */
  readonly configuration: Configuration;
  /** Whether we run an Envoy ourselves. */
  readonly envoy: EnvoyChoice;
  /** Where the admin interface of an Envoy beside us listens; absent: a socket that only we know. */
  readonly envoyAdmin?: Address;
  /** How hosts are put into resources; the answers are the same. */
  readonly layout: XdsLayout;
  /** Plugins that were read; they are ended with the controller. Default: none. */
  readonly plugins?: LoadedPlugins;
}

/** Objects in files, which are followed. */
export interface FilesOptions {
  readonly kind: "files";
  /** Files and folders, as written; at least one. */
  readonly paths: readonly string[];
  /** Where objects are that name no namespace. */
  readonly namespace: string;
}

/** Objects in a cluster. */
export interface ClusterOptions {
  readonly kind: "cluster";
  readonly access: ClusterFlags;
  /** Namespaces whose objects are seen; empty: all. */
  readonly watchNamespaces: readonly string[];
  /** Kinds that are not asked for. */
  readonly disabledKinds: readonly Kind[];
  /** How one of several replicas is found that writes statuses; absent: we write them. */
  readonly election?: {
    readonly namespace: string;
    readonly name: string;
    readonly timing: LeaseTiming;
  };
}

/** How to reach a cluster. */
export interface ClusterFlags {
  /** By the credentials of the Pod we are in. */
  readonly inCluster: boolean;
  /** A file; absent: what is usual. */
  readonly kubeconfig?: string;
  /** Requests a second and at once; absent: no limit. */
  readonly limit?: RateLimit;
}

/** An Envoy of ours, found or fetched unless its path is given; or one that somebody else runs. */
export type EnvoyChoice =
  | { readonly kind: "managed"; readonly path?: string }
  | { readonly kind: "external" };

/** `scoped`: a resource a host. `flat`: the names and shapes that Contour uses. */
export type XdsLayout = (typeof xdsLayouts)[number];

/** Every {@link XdsLayout}. */
export const xdsLayouts = ["scoped", "flat"] as const;

/** The outside world of a running controller. */
export interface ServeContext {
  readonly log: Logger;
  /** Ends it: streams are closed, and an Envoy of ours is stopped. */
  readonly signal: AbortSignal;
}

/** A controller that runs: the result of `serve(options, context)`. */
export interface ServeHandle {
  /**
   * Resolves when it listens, and the first configuration is built from all the objects there are.
   * Rejects when it cannot start.
   */
  readonly started: Promise<Started>;
  /** Resolves when `/readyz` turns to 200: with an Envoy of ours, when that answers by our rules. */
  readonly ready: Promise<void>;
  /** Settles at the end: resolves after the signal, rejects when it cannot go on. */
  readonly done: Promise<void>;
  /** Which rule takes a request at present; `undefined` when no host or no route does. */
  explain(request: ExplainRequest): Explanation | undefined;
}

/** Where everything listens. Asked for, port 0 is any free one. */
export interface Places {
  readonly xds: Endpoint;
  /** Metrics of the controller. */
  readonly http: Endpoint;
  readonly health: Endpoint;
  /** What one can see of its insides. */
  readonly debug: Endpoint;
  readonly envoyHttp: Endpoint;
  readonly envoyHttps: Endpoint;
  /** Metrics and health of Envoy. */
  readonly stats: Endpoint;
}

/** How a controller found things when it started. */
export interface Started {
  /** With the ports that were really taken. */
  readonly addresses: Places;
  /** Absent: the objects come from a cluster. */
  readonly files?: number;
  readonly objects: number;
  /** What is wrong with files and objects, with positions where there are any. */
  readonly diagnostics: readonly Diagnostic[];
  readonly envoy:
    | { readonly kind: "managed"; readonly binary: string }
    /** What to start: the bootstrap file is written. */
    | {
      readonly kind: "external";
      readonly bootstrapFile: string;
      readonly command: readonly string[];
    }
    /** Somebody else's, who has a bootstrap for it already. */
    | { readonly kind: "elsewhere" };
}

/** A request, as far as routing looks at it. */
export interface ExplainRequest {
  readonly tls: boolean;
  readonly method: string;
  /** The Host header, and with TLS the server name. */
  readonly host: string;
  /** With query string. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The rule that takes a request. */
export interface Explanation {
  /** The HTTPProxy that holds the rule. */
  readonly object: ObjectKey;
  /** Where in it: `spec.routes[1]`. */
  readonly path: string;
  /** Where that is written, when it is in a file. */
  readonly position?: Position;
}

/** Where Envoy's admin interface is to listen. Throws a `RangeError` that says what is possible. */
export function parseAdminAddress(text: string): Address {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new RangeError(
    "Either host:port, such as 127.0.0.1:9001, or the path of a socket, with a slash in it",
  );
}

/**
 * Endpoints that would get in each other's way, said in a sentence; `undefined` when there are none.
 * Two that are given port 0 never do, nor do metrics, health and debugging, which share a server.
 */
export function endpointConflict({ configuration }: ServeOptions): string | undefined {
  const { xds, metrics, health, debug, envoy } = configuration;
  const taken = new Map<string, { readonly name: string; readonly shares: string }>();
  const endpoints: readonly (Endpoint & { readonly name: string; readonly shares?: string })[] = [
    { ...xds, name: "xDS" },
    { ...metrics, name: "metrics", shares: "controller" },
    { ...health, name: "health", shares: "controller" },
    { ...debug, name: "debugging", shares: "controller" },
    { ...envoy.http, name: "Envoy's HTTP" },
    { ...envoy.https, name: "Envoy's HTTPS" },
    { ...envoy.metrics, name: "Envoy's statistics", shares: "envoy" },
    { ...envoy.health, name: "Envoy's health", shares: "envoy" },
  ];
  for (const { name, address, port, shares = name } of endpoints) {
    const place = `${address}:${port}`;
    const other = taken.get(place);
    if (other !== undefined && other.shares !== shares && port !== 0) {
      return `${other.name} and ${name} cannot both use ${place}`;
    }
    if (other === undefined) taken.set(place, { name, shares });
  }
  return undefined;
}
