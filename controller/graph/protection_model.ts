/** Who checks requests before their routes do, and the servers that are asked for it. */
import type { Timeout } from "../api/mod.ts";
import type {
  CircuitBreakers,
  Endpoint,
  LoadBalancing,
  SecretRef,
  UpstreamProtocol,
  UpstreamValidation,
} from "./model.ts";

/** A server that is asked whether a request may pass. */
export interface ExternalAuthorization {
  readonly extension: ExtensionRef;
  /** What it is called towards itself: the name on its certificate; "" for none. */
  readonly serverName: string;
  readonly timeout: Timeout;
  /** Whether requests pass when the server fails. */
  readonly failOpen: boolean;
  readonly requestBody?: {
    readonly maximumBytes: number;
    /** Whether the beginning of a longer body is sent, in place of 413. */
    readonly allowPartial: boolean;
    readonly packAsBytes: boolean;
  };
  readonly protocol:
    | { readonly kind: "grpc" }
    | {
      readonly kind: "http";
      readonly pathPrefix?: string;
      /** Request headers the server sees beside those it always does. */
      readonly requestHeaders: readonly HeaderNameMatch[];
      /** Headers of its answer that the upstream sees. */
      readonly upstreamHeaders: readonly HeaderNameMatch[];
    };
}

/** A comparison of the name of a header. */
export interface HeaderNameMatch {
  readonly kind: "exact" | "prefix" | "suffix" | "contains";
  readonly text: string;
  readonly ignoreCase: boolean;
}

/** What a route says to the authorization of its host; absent: it is checked like any other. */
export type RouteAuthorization =
  | { readonly kind: "disabled" }
  | { readonly kind: "context"; readonly entries: Readonly<Record<string, string>> };

/** An issuer of tokens, and the keys they are checked with. */
export interface JwtProvider {
  readonly name: string;
  /** What `iss` has to be; "" for anything. */
  readonly issuer: string;
  /** Values of which `aud` has to hold one; empty for anything. */
  readonly audiences: readonly string[];
  /** Whether the upstream gets to see the token. */
  readonly forward: boolean;
  readonly keys: JwtKeys;
}

/** A JSON Web Key Set: as a text, or where to fetch it. */
export type JwtKeys =
  | { readonly kind: "local"; readonly jwks: string }
  | {
    readonly kind: "remote";
    readonly uri: string;
    readonly server: KeyServer;
    readonly timeoutMs: number;
    /** Absent: 5 minutes. */
    readonly cacheMs?: number;
  };

/** The server of a key set: what is asked of an Envoy cluster that finds it by DNS. A key. */
export interface KeyServer {
  /** Envoy's name, unique for the rest of the fields: `dnsname/https/issuer.example.com`. */
  readonly name: string;
  readonly scheme: "http" | "https";
  /** A DNS name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Which addresses of the name are used; `configured`: those of all clusters. */
  readonly dnsFamily: "configured" | "auto" | "v4" | "v6";
  readonly validation?: UpstreamValidation;
}

/** {@link KeyServer}, with the certificates it is checked against. */
export interface KeyServerCluster {
  readonly server: KeyServer;
  /** PEM; present exactly when `server.validation` is. */
  readonly caBundle?: string;
}

/** An ExtensionService by name. A key. */
export interface ExtensionRef {
  readonly namespace: string;
  readonly name: string;
}

/** The Envoy cluster of an ExtensionService, but for its endpoints. */
export interface ExtensionCluster {
  readonly extension: ExtensionRef;
  readonly protocol: Exclude<UpstreamProtocol, "tls">;
  /** "" for none. */
  readonly sni: string;
  readonly loadBalancing: LoadBalancing;
  readonly connectTimeoutMs: number;
  readonly idleConnectionTimeout: Timeout;
  /** In place of all limits that hold for Services; absent: those do. */
  readonly circuitBreakers?: CircuitBreakers;
  readonly validation?: {
    /** PEM. */
    readonly caBundle: string;
    /** At least one. */
    readonly subjectNames: readonly string[];
  };
  /** Shown to endpoints that ask for a certificate. Only with TLS. */
  readonly clientCertificate?: SecretRef;
}

/** Endpoints of several Services, each of which gets its share of the requests. */
export interface WeightedAssignment {
  readonly extension: ExtensionRef;
  /** Those that get anything and have endpoints. */
  readonly services: readonly {
    /** `default/auth/9001`: tells it from the others. */
    readonly name: string;
    /** At least 1. */
    readonly weight: number;
    readonly endpoints: readonly Endpoint[];
  }[];
}
