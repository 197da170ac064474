/**
 * The key of a query in a few words: `default/shop`, `default/shop:80`, the name of a cluster. Keys
 * that are records are JSON to the engine.
 */
export function keyLabel(text: string): string {
  if (!text.startsWith("{")) return text;
  const { kind, namespace, name, service, port, ...rest } = JSON.parse(text) as Key;
  if (name !== undefined) {
    // Clusters and assignments have a name that says it all.
    if (name.includes("/")) return name;
    const object = [kind, namespace, name].filter((part) => part !== undefined && part !== "");
    return object.join("/") + (rest.fqdn === undefined ? "" : ` in ${rest.fqdn}`);
  }
  if (service !== undefined) {
    return `${namespace}/${service}${port === undefined ? "" : `:${port}`}`;
  }
  const { secret, root, object, fqdn } = rest;
  if (secret !== undefined) return `${label(secret)} for ${namespace}`;
  if (object !== undefined) return `${object} in ${root === undefined ? fqdn : label(root)}`;
  return text;
}

interface Key {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly service?: string;
  readonly port?: number | string;
  readonly secret?: object;
  readonly root?: object;
  readonly object?: string;
  readonly fqdn?: string;
}

function label(key: object): string {
  return keyLabel(JSON.stringify(key));
}
