import {
  codeNamed,
  codes,
  type Condition,
  type ConditionName,
  conditionNamed,
  type Diagnostic,
  type PlainName,
} from "../api/mod.ts";
import type { Origin } from "./model.ts";

/**
 * Why something the user wrote cannot be translated. Functions of this folder return it in place of
 * a result; who called decides what is dropped and on which object it is told.
 */
export class Fault {
  constructor(
    /** A row of the code table; a condition's name is its `Type/Reason`. */
    readonly name: ConditionName | OurName | IngressName,
    /** One sentence without a final period. */
    readonly message: string,
    /** Below the field that was looked at: `retryOn[0]`; empty for the field itself. */
    readonly path = "",
    /** What Contour's words, which stand in the status, leave open. */
    readonly hint?: string,
  ) {}

  /** The same fault, seen from the object that holds the field. */
  under(path: string): Fault {
    return new Fault(this.name, this.message, joinPath(path, this.path), this.hint);
  }
}

/** A fault told on an object. */
export function diagnose(origin: Origin, { name, message, path, hint }: Fault): Diagnostic {
  const code = codeNamed(name);
  return {
    code,
    severity: codes[code].severity,
    object: origin.object,
    path: joinPath(origin.path, path),
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(isIngress(name) || origin.object.kind === "Ingress"
      ? {}
      : { condition: isOurs(name) ? { type: ourTypes[name], reason: name } : conditionOf(name) }),
  };
}

/** `spec.routes[0]` and `services[1].name` make `spec.routes[0].services[1].name`. */
export function joinPath(path: string, below: string): string {
  if (path === "" || below === "") return path + below;
  return below.startsWith("[") ? path + below : `${path}.${below}`;
}

/** The diagnostics of ours that appear in a status, where every entry needs a type. */
const ourTypes = {
  NotYetSupported: "SpecError",
  KindNotYetSupported: "SpecError",
  EnvoyRule: "RouteError",
  RefusedByEnvoy: "SpecError",
  TooManyRoutes: "IncludeError",
  CertificateExpired: "TLSError",
  CertificateExpiresSoon: "TLSError",
  PluginUnknown: "PluginError",
  PolicyNotValid: "PluginError",
  PluginFailed: "PluginError",
  PolicyConflict: "PluginError",
  PolicyTargetNotFound: "PluginError",
  PolicyFinding: "PluginError",
  PolicyRefused: "PluginError",
} as const satisfies Partial<Record<PlainName, string>>;

type OurName = keyof typeof ourTypes;

function isOurs(name: ConditionName | OurName): name is OurName {
  return Object.hasOwn(ourTypes, name);
}

/** The status of an Ingress has no conditions. */
type IngressName = Extract<PlainName, `Ingress${string}`>;

function isIngress(name: ConditionName | OurName | IngressName): name is IngressName {
  return name.startsWith("Ingress");
}

function conditionOf(name: ConditionName): Condition {
  return conditionNamed(name);
}
