import type {
  CallName,
  EnvoyReach,
  FeedChange,
  LogFields,
  PluginFacts,
  ServiceAddress,
} from "../plugin/mod.ts";

/**
 * What a controller and the process of a plugin tell each other, a line of JSON each. A process is
 * there either to answer what the plugin can be asked, or to run one of its services.
 */
export type ToProcess =
  /** The first line. */
  | { readonly kind: "open"; readonly path: string; readonly service?: ServiceOrder }
  | { readonly kind: "call"; readonly name: CallName; readonly question: unknown }
  | {
    readonly kind: "feed";
    readonly changed: readonly (readonly [string, unknown])[];
    readonly removed: FeedChange["removed"];
  }
  | { readonly kind: "metrics"; readonly id: number }
  | { readonly kind: "stop" };

/** A service that is to be started. */
export interface ServiceOrder {
  readonly name: string;
  readonly settings: unknown;
  readonly envoys: EnvoyReach;
  readonly previous?: ServiceAddress;
}

/** See {@link ToProcess}. */
export type FromProcess =
  /** Answers `open`. */
  | { readonly kind: "opened"; readonly facts: PluginFacts }
  /** Answers `call`. */
  | { readonly kind: "answer"; readonly value: unknown }
  /** Precedes `answer`: the source of an evaluation that it is at. Written at once. */
  | { readonly kind: "at"; readonly source: number }
  /** Answers either. */
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "started"; readonly address?: ServiceAddress }
  | {
    readonly kind: "log";
    readonly level: "debug" | "info" | "warn" | "error";
    readonly message: string;
    readonly fields?: LogFields;
  }
  | { readonly kind: "health"; readonly reason?: string }
  | { readonly kind: "metrics"; readonly id: number; readonly text: string };
