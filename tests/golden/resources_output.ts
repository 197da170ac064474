import type { Secret } from "../../controller/api/mod.ts";
import type { Resource } from "../../controller/envoy/mod.ts";
import { decode, type Json, toJson, typeName } from "../../proto/mod.ts";
import type { Section } from "./header.ts";
import { omissions, valuesAt, withoutDerived, withoutUsual } from "./omissions.ts";

/** The resources of the wanted types by type and name, as Envoy's JSON. */
export function resourcesOutput(
  resources: readonly Resource[],
  { show, secrets, usual, derived }: {
    readonly show: readonly Section[];
    /** Their values are replaced by a word on where they come from. */
    readonly secrets: readonly Secret[];
    /** What these have is left out. */
    readonly usual: readonly Resource[];
    /** Whether to print what follows from the rest, too. */
    readonly derived: "printed" | "left out";
  },
): Json {
  const hidden = secretTexts(secrets);
  const output: Record<string, Json> = {};
  for (const section of show) {
    const type = types[section];
    if (type === undefined) continue;
    const { asUsual, derived: following } = omissions[section] ?? { asUsual: [], derived: [] };
    const known = jsonOfType(usual, type).map(({ json }) => json);
    const found = jsonOfType(resources, type).map(({ name, json }): [string, Json] => {
      const unusual = withoutUsual(
        json,
        asUsual,
        (path) => known.flatMap((each) => valuesAt(each, path)),
      );
      const kept = derived === "printed" ? unusual : withoutDerived(unusual, following);
      return [name, readable(kept, hidden)];
    });
    output[section] = Object.fromEntries(found);
  }
  return output;
}

function jsonOfType(resources: readonly Resource[], type: string) {
  return resources.filter(({ typeUrl }) => typeName(typeUrl) === type)
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
    .map(({ name, body }) => ({ name, json: toJson(type, decode(type, body)) }));
}

const types: Readonly<Partial<Record<Section, string>>> = {
  listeners: "envoy.config.listener.v3.Listener",
  scopes: "envoy.config.route.v3.ScopedRouteConfiguration",
  routes: "envoy.config.route.v3.RouteConfiguration",
  clusters: "envoy.config.cluster.v3.Cluster",
  endpoints: "envoy.config.endpoint.v3.ClusterLoadAssignment",
  secrets: "envoy.extensions.transport_sockets.tls.v3.Secret",
  extensions: "envoy.config.core.v3.TypedExtensionConfig",
};

/** Values of Secrets, as they would stand in a message, and what to print instead. */
function secretTexts(secrets: readonly Secret[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { metadata, data = {} } of secrets) {
    for (const [key, base64] of Object.entries(data)) {
      // Of Secrets that hold the same the first gives its name.
      if (texts.has(base64)) continue;
      texts.set(base64, `<${key} of ${metadata.namespace}/${metadata.name}>`);
    }
  }
  return texts;
}

/**
 * Without bytes of Secrets, with the types of extensions by their last word, and without the domains
 * of a virtual host that is named after its only one.
 */
function readable(value: Json, hidden: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return hidden.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => readable(item, hidden));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name, each]) =>
    name !== "domains" || JSON.stringify(each) !== JSON.stringify([fieldOf(value, "name")])
  );
  return Object.fromEntries(
    fields.map(([name, each]) =>
      name === "@type" && typeof each === "string"
        ? [name, each.split(".").at(-1) ?? each]
        : [name, readable(each, hidden)]
    ),
  );
}

function fieldOf(value: object, name: string): unknown {
  return Object.entries(value).find(([each]) => each === name)?.[1];
}
