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
  /** The Secret served to clients that name no host we know; `undefined`: no host may ask for it. */
  readonly fallbackCertificate: FallbackCertificate | undefined;
  /** How long a connection to an endpoint may take to be made. */
  readonly connectTimeoutMs: number;
  /** The time certificates are judged by, in milliseconds since 1970; 0: not judged. */
  readonly nowMs: number;
}

/** A Secret by name. */
export interface FallbackCertificate {
  readonly namespace: string;
  readonly name: string;
}

/** What holds when nothing is configured. */
export const defaultSettings: Settings = {
  ingressClassNames: [],
  rootNamespaces: [],
  enableExternalNameService: false,
  disablePermitInsecure: false,
  fallbackCertificate: undefined,
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
