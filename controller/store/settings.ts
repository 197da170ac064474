import type { AuthorizationServer, GlobalRateLimitPolicy } from "../api/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { settingsInput } from "./inputs.ts";

/** What the operator configured and translation depends on. */
export interface Settings {
  /** Classes we answer to. Empty: objects without a class, and `contour`. */
  readonly ingressClassNames: readonly string[];
  /** Namespaces whose HTTPProxies may be roots. Empty: all. */
  readonly rootNamespaces: readonly string[];
  /** Whether Services of type ExternalName may be routed to. */
  readonly enableExternalNameService: boolean;
  /** Whether `permitInsecure` is ignored. */
  readonly disablePermitInsecure: boolean;
  /** How many routes the includes of one host may come to. */
  readonly maxRoutesPerHost: number;
  /** The Secret served to clients that name no host we know; `undefined`: no host may ask for it. */
  readonly fallbackCertificate: ReferencedObject | undefined;
  /** The Secret shown to Services and ExtensionServices that are spoken to over TLS. */
  readonly clientCertificate: ReferencedObject | undefined;
  /** Who authorizes requests to all hosts; its `extensionRef` has a namespace and a name. */
  readonly globalAuthorization: AuthorizationServer | undefined;
  /** Who keeps limits for all Envoys together. */
  readonly rateLimitService: RateLimitServiceSettings | undefined;
  /** Who is told of requests, for traces. */
  readonly tracing: TracingSettings | undefined;
  /** What happens to headers of all hosts. */
  readonly defaultHeaders: DefaultHeaders;
  /** How long a connection to an endpoint may take to be made. */
  readonly connectTimeoutMs: number;
  /** The time certificates are judged by, in milliseconds since 1970; 0: not judged. */
  readonly nowMs: number;
}

/**
 * The namespaces whose Secrets are seen: with root namespaces those and what the configuration names,
 * as in Contour, so that nobody has to be granted the others. Empty: all.
 */
export function secretNamespaces(
  { rootNamespaces, fallbackCertificate, clientCertificate }: Pick<
    Settings,
    "rootNamespaces" | "fallbackCertificate" | "clientCertificate"
  >,
): readonly string[] {
  if (rootNamespaces.length === 0) return [];
  const named = [fallbackCertificate, clientCertificate].filter((ref) => ref !== undefined);
  return [...new Set([...rootNamespaces, ...named.map(({ namespace }) => namespace)])];
}

/** A Secret or ExtensionService by name. */
export interface ReferencedObject {
  readonly namespace: string;
  readonly name: string;
}

/** A rate limit service. */
export interface RateLimitServiceSettings {
  readonly extensionService: ReferencedObject;
  /** What tells our limits from those of others at the service; not empty. */
  readonly domain: string;
  /** Whether requests pass when the service fails. */
  readonly failOpen: boolean;
  /** Whether clients are told their limits in `X-RateLimit-*`. */
  readonly enableXRateLimitHeaders: boolean;
  /** Whether gRPC clients are told RESOURCE_EXHAUSTED in place of UNAVAILABLE. */
  readonly enableResourceExhaustedCode: boolean;
  /** What holds for hosts of HTTPProxies that have no descriptors of their own. */
  readonly defaultPolicy?: GlobalRateLimitPolicy;
}

/** A collector of traces that speaks OpenTelemetry. */
export interface TracingSettings {
  readonly extensionService: ReferencedObject;
  /** What Envoy is called in traces. */
  readonly serviceName: string;
  /** Shares of requests in percent: of all, of those whose client asks for it, of the others. */
  readonly overallSampling: number;
  readonly clientSampling: number;
  readonly randomSampling: number;
  /** Characters of the path that a trace holds. */
  readonly maxPathTagLength: number;
  /** Whether a trace names the pod of Envoy. */
  readonly includePodDetail: boolean;
  readonly customTags: readonly TracingTag[];
}

/** What a trace says beside the usual: a text, or the value of a request header. */
export type TracingTag =
  | { readonly kind: "literal"; readonly tag: string; readonly text: string }
  | { readonly kind: "request-header"; readonly tag: string; readonly header: string };

/** Headers set and taken away wherever a Service does not say otherwise. */
export interface DefaultHeaders {
  readonly request: HeaderDefaults;
  readonly response: HeaderDefaults;
  /** Whether it holds for Ingresses too. */
  readonly applyToIngress: boolean;
}

/** See {@link DefaultHeaders}. Values are as users write them. */
export interface HeaderDefaults {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** What holds when nothing is configured. */
export const defaultSettings: Settings = {
  ingressClassNames: [],
  rootNamespaces: [],
  enableExternalNameService: false,
  disablePermitInsecure: false,
  maxRoutesPerHost: 2_500,
  fallbackCertificate: undefined,
  clientCertificate: undefined,
  globalAuthorization: undefined,
  rateLimitService: undefined,
  tracing: undefined,
  defaultHeaders: {
    request: { set: {}, remove: [] },
    response: { set: {}, remove: [] },
    applyToIngress: false,
  },
  connectTimeoutMs: 2_000,
  nowMs: 0,
};

/** One setting. A query of its own, so that a change of another one stops here. */
export function setting<Name extends keyof Settings>(db: Db, name: Name): Settings[Name] {
  return settingQuery(db, name) as Settings[Name];
}

const settingQuery = query("setting", (db, name: keyof Settings): Settings[keyof Settings] => {
  return (db.get(settingsInput, "settings") ?? defaultSettings)[name];
});
