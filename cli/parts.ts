import type { KubeObject } from "../controller/api/mod.ts";
import type { Furnishing } from "../controller/plugin/mod.ts";
import type { PluginRequest } from "../controller/plugin_host/mod.ts";
import type {
  ClusterFlags,
  ServeContext,
  ServeHandle,
  ServeOptions,
} from "../controller/serve_options.ts";
import type { ConnectSecrets } from "./certgen_run.ts";
import type { Settings } from "../controller/store/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";

/**
 * What the commands are words for. Passed in, so that the words can be tried without the deeds, and
 * answered by promises, so that what a command does not need is not even read.
 */
export interface Parts {
  /** Runs the controller. Resolves at once: what becomes of it the handle says. */
  readonly serve: (
    options: ServeOptions,
    context: ServeContext,
    plugins: readonly PluginRequest[],
  ) => Promise<ServeHandle>;
  /**
   * The verdict on each object, as a cluster with these objects would hold it. `refused`: words of an
   * Envoy, by the keys of objects that it does not take.
   */
  readonly statuses: (
    objects: readonly KubeObject[],
    settings: Pick<Settings, "ingressClassNames" | "rootNamespaces"> & Partial<Settings>,
    plugins?: Pick<Furnishing, "set" | "envoy">,
    refused?: ReadonlyMap<string, string>,
  ) => Promise<readonly ObjectStatus[]>;
  /** A ContourConfiguration of a cluster, as it stands there. Rejects when there is none. */
  readonly contourConfiguration: (
    cluster: ClusterFlags,
    key: { readonly namespace: string; readonly name: string },
  ) => Promise<unknown>;
  /** Secrets of a cluster, for `certgen`. */
  readonly secrets: ConnectSecrets;
}
