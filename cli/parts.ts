import type { KubeObject } from "../controller/api/mod.ts";
import type { ServeContext, ServeHandle, ServeOptions } from "../controller/serve_options.ts";
import type { ConnectSecrets } from "./certgen.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";

/** What the commands are words for. Passed in, so that the words can be tried without the deeds. */
export interface Parts {
  /** Runs the controller. */
  readonly serve: (options: ServeOptions, context: ServeContext) => ServeHandle;
  /** The verdict on each object, as a cluster with these objects would hold it. */
  readonly statuses: (
    objects: readonly KubeObject[],
    settings: Pick<ServeOptions, "ingressClassNames" | "rootNamespaces">,
  ) => readonly ObjectStatus[];
  /** Secrets of a cluster, for `certgen`; absent where no cluster can be reached. */
  readonly secrets?: ConnectSecrets;
}
