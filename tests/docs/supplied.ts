import { type KubeObject, parseObject } from "../../controller/api/mod.ts";
import type { ReferencedObject } from "../../controller/store/mod.ts";
import { certificateSecret } from "../golden/certificates.ts";

/**
 * What the examples of a page refer to and do not show: Services with the ports that are asked for,
 * and Secrets that hold all that a Secret can be needed for.
 */
export async function suppliedObjects(
  objects: readonly KubeObject[],
  settings: { readonly secrets: readonly ReferencedObject[] },
): Promise<readonly KubeObject[]> {
  const services = new Map<string, { readonly ref: ReferencedObject; readonly ports: Set<Port> }>();
  const secrets = new Map(settings.secrets.map((ref) => [id(ref), ref]));
  for (const object of objects) {
    const { namespace = "default" } = object.metadata;
    for (const { name, ports } of serviceReferences(object)) {
      const ref = { namespace, name };
      const known = services.get(id(ref)) ?? { ref, ports: new Set() };
      for (const port of ports) known.ports.add(port);
      services.set(id(ref), known);
    }
    for (const text of secretReferences(object)) {
      const [, other, name = text] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
      const ref = { namespace: other ?? namespace, name };
      secrets.set(id(ref), ref);
    }
  }
  return [
    ...Array.from(services.values(), service),
    ...await Promise.all(Array.from(secrets.values(), secret)),
  ];
}

type Port = number | string;

const id = ({ namespace, name }: ReferencedObject) => `${namespace}/${name}`;

function service(
  { ref, ports }: { readonly ref: ReferencedObject; readonly ports: ReadonlySet<Port> },
): KubeObject {
  return parsed({
    apiVersion: "v1",
    kind: "Service",
    metadata: ref,
    spec: {
      ports: Array.from(
        ports,
        (port, index) =>
          typeof port === "number"
            ? { name: `port-${port}`, port }
            : { name: port, port: 10_000 + index },
      ),
    },
  });
}

async function secret({ namespace, name }: ReferencedObject): Promise<KubeObject> {
  const forms = await Promise.all(
    (["valid", "ca", "crl"] as const).map((form) =>
      certificateSecret({ namespace, name, host: "www.example.com", form })
    ),
  );
  return parsed({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name },
    type: "kubernetes.io/tls",
    data: Object.assign({}, ...forms.map(({ data }) => data)),
  });
}

function parsed(value: object): KubeObject {
  const result = parseObject(value, { strict: true });
  if (result.kind !== "object") throw new Error(`Cannot supply ${JSON.stringify(value)}`);
  return result.object;
}

/** Services of the namespace of the object, by the ports that it asks them for. */
function serviceReferences(
  object: KubeObject,
): { readonly name: string; readonly ports: readonly Port[] }[] {
  if (object.kind === "Ingress") {
    const { defaultBackend, rules = [] } = object.spec;
    const backends = rules.flatMap(({ http }) => http?.paths.map(({ backend }) => backend) ?? []);
    return [...backends, ...defaultBackend === undefined ? [] : [defaultBackend]]
      .flatMap(({ service }) => {
        const port = service?.port?.number ?? service?.port?.name;
        return service === undefined || port === undefined
          ? []
          : [{ name: service.name, ports: [port] }];
      });
  }
  if (object.kind === "ExtensionService") {
    return object.spec.services.map(({ name, port }) => ({ name, ports: [port] }));
  }
  if (object.kind !== "HTTPProxy") return [];
  const { routes = [], tcpproxy } = object.spec;
  return [...routes.flatMap(({ services = [] }) => services), ...tcpproxy?.services ?? []]
    .map(({ name, port, healthPort = port }) => ({ name, ports: [port, healthPort] }));
}

/** All texts that name a Secret with certificates, wherever they stand. */
function secretReferences(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, each]: [string, unknown]) => {
    if (field === "localJWKS") return [];
    if (["secretName", "caSecret", "crlSecret"].includes(field) && typeof each === "string") {
      return [each];
    }
    return secretReferences(each);
  });
}
