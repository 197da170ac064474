import type { z } from "zod";
import type {
  AuthorizationServer,
  CORSPolicy,
  DownstreamValidation,
} from "../controller/api/mod.ts";
import type { ConditionDraft, RouteDraft, RouteServiceDraft } from "./output.ts";

/** Whose rules an Ingress was written for. */
export type Dialect = (typeof dialects)[number];

/** Every {@link Dialect}. `plain` reads no annotations but those of Kubernetes itself. */
export const dialects = ["plain", "contour", "ingress-nginx"] as const;

/** What the annotations of an Ingress ask for, in terms of HTTPProxies. */
export interface IngressSettings {
  readonly dialect: Dialect;
  /** Fields of every route that forwards. */
  readonly route: Partial<RouteDraft>;
  /** Fields of every Service of these routes. */
  readonly service: Partial<RouteServiceDraft>;
  /** A Service that gets copies. */
  readonly mirror?: RouteServiceDraft;
  /** What is answered in place of forwarding, over HTTP too. */
  readonly answer?: Answer;
  /** Whether a path, as the Ingress has it, lets websockets through. */
  readonly websockets: (path: string) => boolean;
  /** Where the host has TLS: whether HTTP is served all the same. */
  readonly plain: "serve" | "redirect";
  /** The status of a redirect to https where the host has no TLS; absent: none. */
  readonly forceHttps?: RedirectCode;
  readonly useRegex: boolean;
  /** Empty for none. */
  readonly rewriteTarget: string;
  /** Set on the request where the path is rewritten. */
  readonly forwardedPrefix?: string;
  /** Header value for hosts with TLS. */
  readonly hsts?: string;
  readonly canary?: CanaryRule;
  readonly host: HostSettings;
  /** Where the Secrets of `spec.tls` are. */
  readonly certificateNamespace: string;
}

/** What a route does by itself. */
export type Answer = Pick<RouteDraft, "requestRedirectPolicy" | "directResponsePolicy">;

/** Status of a redirect. */
export type RedirectCode = 301 | 302 | 303 | 307 | 308;

/** What an Ingress asks for of a whole host; the oldest Ingress that says something wins. */
export interface HostSettings {
  readonly cors?: z.input<typeof CORSPolicy>;
  readonly authorization?: z.input<typeof AuthorizationServer>;
  readonly clientValidation?: z.input<typeof DownstreamValidation>;
  readonly minimumProtocolVersion?: string;
  readonly maximumProtocolVersion?: string;
  readonly aliases: readonly string[];
  readonly fromToWww?: RedirectCode;
  readonly appRoot?: string;
  readonly passthrough: boolean;
}

/** When requests go to a canary. */
export interface CanaryRule {
  /** Conditions of which each sends to the canary, or away from it. */
  readonly cases: readonly {
    readonly to: "canary" | "primary";
    readonly conditions: readonly ConditionDraft[];
  }[];
  /** Share of the rest. */
  readonly weight: number;
  readonly total: number;
}
