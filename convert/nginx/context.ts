import type { Annotations } from "../annotations.ts";
import type { Workshop } from "../workshop.ts";
import type { NginxConfig } from "./config.ts";

/** What reading the annotations of an Ingress may need. */
export interface NginxContext {
  readonly annotations: Annotations;
  readonly config: NginxConfig;
  readonly workshop: Workshop;
}
