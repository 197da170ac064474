import { createHash } from "node:crypto";
import type { EnvoyOptions, Resource } from "../controller/envoy/mod.ts";
import type { PluginSet } from "../controller/plugin/mod.ts";
import type { Settings } from "../controller/store/mod.ts";
import { Translation } from "../controller/translation/mod.ts";
import { decode, refId, typeName } from "../proto/mod.ts";
import type { Side } from "./side.ts";

/** An Envoy resource that is not the same on both sides. */
export interface ResourceChange {
  /** Full name of the message: `envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  readonly name: string;
  /** As JSON, keys sorted, secrets by their hash; "" where there is none. */
  readonly before: string;
  readonly after: string;
}

/** What resources depend on beside objects. */
export interface ResourceOptions {
  readonly settings: Settings;
  readonly envoy: EnvoyOptions;
  readonly plugins?: PluginSet | undefined;
}

/** The resources that Envoy would be sent for one side and not, or in another form, for the other. */
export function resourceChanges(
  sides: { readonly before: Side; readonly after: Side },
  options: ResourceOptions,
): readonly ResourceChange[] {
  const before = resourcesOf(sides.before, options);
  const after = resourcesOf(sides.after, options);
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((id) => {
    const [a, b] = [before.get(id), after.get(id)];
    const some = a ?? b;
    if (some === undefined || a?.version === b?.version) return [];
    return [{
      type: typeName(some.typeUrl),
      name: some.name,
      before: a === undefined ? "" : resourceText(a),
      after: b === undefined ? "" : resourceText(b),
    }];
  });
}

function resourcesOf(
  { objects }: Side,
  { settings, envoy, plugins }: ResourceOptions,
): ReadonlyMap<string, Resource> {
  const translation = new Translation({ settings, envoy, layout: "scoped", plugins });
  translation.apply({ applied: objects });
  const { resources } = translation.settleNow();
  return new Map(resources.changed.map((resource) => [refId(resource), resource]));
}

function resourceText({ typeUrl, body }: Resource): string {
  const type = typeName(typeUrl);
  const shown = readable(decode(type, body), type === secretType);
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

const secretType = "envoy.extensions.transport_sockets.tls.v3.Secret";

/** Fields whose data come from Secrets. */
const secretFields = new Set([
  "trustedCa",
  "crl",
  "certificateChain",
  "privateKey",
  "password",
  "localJwks",
]);

/** Sorted, and with what may be secret by its hash. */
function readable(value: unknown, isSecret: boolean): unknown {
  if (value instanceof Uint8Array) return hashed(value);
  if (Array.isArray(value)) return value.map((item) => readable(item, isSecret));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(fields.map(([name, field]) => {
    const isHidden = isSecret || secretFields.has(name);
    const isText = typeof field === "string" && name.startsWith("inline");
    return [name, isHidden && isText ? hashed(field) : readable(field, isHidden)];
  }));
}

function hashed(data: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex").slice(0, 16)}`;
}
