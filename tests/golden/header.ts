import { load } from "js-yaml";
import {
  defaultEnvoyOptions,
  type EnvoyOptions,
  type LayoutKind,
} from "../../controller/envoy/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import { configured } from "../support/configured.ts";
import { type CertificateRequest, parseCertificateRequest } from "./certificates.ts";

/**
 * What the comments at the top of an `in.yaml` ask of the harness. Lines that are no option are
 * for the reader.
 *
 * ```yaml
 * # A word about the case.
 * # show: routes, status
 * # layout: scoped
 * # settings: { enableExternalNameService: true }
 * # configuration: { timeouts: { request-timeout: 1s } }
 * # configuration: { spec: { envoy: { listener: { useProxyProtocol: true } } } }
 * # certificate: default/cert for a.example.com (expired)
 * # defaults: shown
 * # plugins: greeting
 * ```
 */
export function readHeader(text: string): Header {
  const options = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    if (!line.startsWith("#")) break;
    const [, name, value] = /^# (\w+): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (!known.includes(name)) throw new Error(`Unknown option in the header: "${name}"`);
    options.set(name, [...options.get(name) ?? [], value]);
  }
  const one = (name: string) => options.get(name)?.[0];
  const configuration = configured(configurationOf(one("configuration") ?? "{}"));
  return {
    show: one("show")?.split(",").map((kind) => section(kind.trim())) ?? [],
    layout: layout(one("layout") ?? "flat"),
    settings: {
      ...defaultSettings,
      nowMs: now,
      ...configuration.settings,
      ...settings(one("settings") ?? "{}"),
    },
    envoy: { ...defaultEnvoyOptions, ...configuration.envoy },
    certificates: (options.get("certificate") ?? []).map(parseCertificateRequest),
    defaults: defaults(one("defaults") ?? "left out"),
    plugins: one("plugins")?.split(",").map((name) => name.trim()) ?? [],
  };
}

/** See {@link readHeader}. */
export interface Header {
  readonly show: readonly Section[];
  readonly layout: LayoutKind;
  readonly settings: Settings;
  readonly envoy: EnvoyOptions;
  readonly certificates: readonly CertificateRequest[];
  readonly defaults: Defaults;
  /** Files of tests/plugins, without their ending. */
  readonly plugins: readonly string[];
}

/**
 * What becomes of that which all cases have in common: left out, shown, or shown as far as a plain
 * host does not have it too.
 */
export type Defaults = "left out" | "shown" | "shown beyond those of a plain host";

/** What can be printed: resources by type, or the verdict on objects. */
export type Section = (typeof sections)[number];

/** In the order in which they are printed. */
export const sections = [
  "listeners",
  "scopes",
  "routes",
  "clusters",
  "endpoints",
  "secrets",
  "extensions",
  "status",
] as const;

const known = ["show", "layout", "settings", "configuration", "certificate", "defaults", "plugins"];

/** The moment all certificates are judged by. */
const now = Date.UTC(2030, 0, 1);

function section(text: string): Section {
  const found = sections.find((name) => name === text);
  if (found === undefined) throw new Error(`Cannot show "${text}": choose of ${sections}`);
  return found;
}

function defaults(text: string): Defaults {
  switch (text) {
    case "left out":
    case "shown":
    case "shown beyond those of a plain host":
      return text;
    default:
      throw new Error(`Defaults cannot be "${text}"`);
  }
}

function layout(text: string): LayoutKind {
  if (text !== "flat" && text !== "scoped") throw new Error(`No such layout: "${text}"`);
  return text;
}

/** A file, or a ContourConfiguration, which has a spec. */
function configurationOf(text: string): string | { readonly spec: unknown } {
  const value = load(text);
  return typeof value === "object" && value !== null && "spec" in value
    ? { spec: value.spec }
    : text;
}

function settings(text: string): Partial<Settings> {
  const value = load(text) as Partial<Settings>;
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(defaultSettings, name)) throw new Error(`No such setting: "${name}"`);
  }
  return value;
}
