import type { ReadIngress } from "./hosts.ts";
import type { HostTls } from "./host_tls.ts";
import type { Workshop } from "./workshop.ts";

/** A host that is being converted, and the Ingresses with rules for it. */
export interface HostContext {
  readonly workshop: Workshop;
  readonly host: string;
  /** The oldest first, canaries included. */
  readonly members: readonly ReadIngress[];
  /** Those that are no canaries. */
  readonly primaries: readonly ReadIngress[];
}

/** The same, once it is known how the host is served. */
export interface ServedHost extends HostContext {
  /** Its namespace is that of the root. */
  readonly root: ReadIngress;
  /** Absent: no TLS ends here. */
  readonly tls: HostTls | undefined;
  /** Whether encrypted bytes are handed on. */
  readonly passthrough: boolean;
}
