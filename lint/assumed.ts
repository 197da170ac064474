import {
  type HTTPProxy,
  type Ingress,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
  parseObject,
  parseSecretReference,
} from "../controller/api/mod.ts";
import type { Settings } from "../controller/store/mod.ts";
import { assumedSecretData } from "./assumed_material.ts";

/**
 * Stand-ins for what the objects refer to and the files do not hold: Services, Secrets with their
 * delegations, and ExtensionServices. With them the controller judges what the files do say. An
 * HTTPProxy that is included has to be there, since it is where requests are routed.
 *
 * Files without any root are taken for a part: the roots that include their HTTPProxies are assumed.
 */
export function assumedObjects(
  objects: readonly KubeObject[],
  settings: Settings,
): readonly AssumedObject[] {
  const wanted = new Wanted(objects);
  for (const object of objects) {
    switch (object.kind) {
      case "HTTPProxy":
        wantedByProxy(wanted, object);
        break;
      case "Ingress":
        wantedByIngress(wanted, object);
        break;
      case "ExtensionService":
        for (const { name, port } of object.spec.services) {
          wanted.service(object.metadata.namespace, name, { number: port });
        }
        wanted.reference(object.spec.validation?.caSecret, object.metadata.namespace);
        break;
      default:
    }
  }
  wantedBySettings(wanted, settings);
  return wanted.objects();
}

/**
 * Objects and settings with all that is assumed beside them, for those who ask the model about parts
 * of a cluster.
 */
export function withAssumed(
  objects: readonly KubeObject[],
  settings: Settings,
  isSeen: (key: ObjectKey) => boolean = () => false,
): { readonly objects: readonly KubeObject[]; readonly settings: Settings } {
  const all = assumedSettings(objects, settings);
  const assumed = assumedObjects(objects, all).filter(({ key }) => !isSeen(key));
  return { objects: [...objects, ...assumed.map(({ object }) => object)], settings: all };
}

/**
 * The settings with what objects expect of them and nobody told us: a fallback certificate, where a
 * host asks for it.
 */
export function assumedSettings(objects: readonly KubeObject[], settings: Settings): Settings {
  const isWanted = objects.some(wantsFallback);
  if (!isWanted || settings.fallbackCertificate !== undefined) return settings;
  const fallbackCertificate = { namespace: "projectcontour", name: "fallback-certificate" };
  return { ...settings, fallbackCertificate };
}

function wantsFallback(object: KubeObject): boolean {
  return object.kind === "HTTPProxy" &&
    object.spec.virtualhost?.tls?.enableFallbackCertificate === true;
}

/** A stand-in, and whether it is worth telling. */
export interface AssumedObject {
  readonly key: ObjectKey;
  readonly object: KubeObject;
}

interface Port {
  readonly number?: number;
  readonly name?: string;
}

class Wanted {
  readonly #given: ReadonlyMap<string, KubeObject>;
  readonly #objects: readonly KubeObject[];
  readonly #services = new Map<string, { key: ObjectKey; ports: Map<string, Port> }>();
  readonly #secrets = new Map<string, { key: ObjectKey; keys: Set<string>; by: Set<string> }>();
  readonly #extensions = new Map<string, ObjectKey>();
  readonly #delegated: ReadonlySet<string>;

  constructor(objects: readonly KubeObject[]) {
    this.#objects = objects;
    this.#given = new Map(objects.map((object) => [keyId(keyOf(object)), object]));
    this.#delegated = new Set(
      objects.flatMap((object) =>
        object.kind !== "TLSCertificateDelegation"
          ? []
          : object.spec.delegations.map(({ secretName }) =>
            `${object.metadata.namespace}/${secretName}`
          )
      ),
    );
  }

  service(namespace: string, name: string, port: Port): void {
    const key: ObjectKey = { kind: "Service", namespace, name };
    if (name === "" || this.#given.has(keyId(key))) return;
    const wanted = this.#services.get(keyId(key)) ?? { key, ports: new Map() };
    wanted.ports.set(`${port.number ?? ""} ${port.name ?? ""}`, port);
    this.#services.set(keyId(key), wanted);
  }

  /** A Secret as objects of a namespace name it: `name`, or `namespace/name`. */
  reference(text: string | undefined, namespace: string, dataKey?: string): void {
    if (text === undefined || text === "") return;
    const key: ObjectKey = { kind: "Secret", ...parseSecretReference(text, namespace) };
    if (this.#given.has(keyId(key))) return;
    const wanted = this.#secrets.get(keyId(key)) ?? { key, keys: new Set(), by: new Set() };
    if (dataKey !== undefined) wanted.keys.add(dataKey);
    if (namespace !== "" && namespace !== key.namespace) wanted.by.add(namespace);
    this.#secrets.set(keyId(key), wanted);
  }

  extension(namespace: string, name: string | undefined): void {
    if (name === undefined || name === "") return;
    const key: ObjectKey = { kind: "ExtensionService", namespace, name };
    if (!this.#given.has(keyId(key))) this.#extensions.set(keyId(key), key);
  }

  /** The namespaces of hosts that want the fallback certificate. */
  fallbackNamespaces(): ReadonlySet<string> {
    return new Set(this.#objects.filter(wantsFallback).map(({ metadata }) => metadata.namespace));
  }

  objects(): AssumedObject[] {
    for (const { namespace } of this.#extensions.values()) {
      this.service(namespace, extensionBackend, { number: 9 });
    }
    return [
      ...[...this.#services.values()].map(({ key, ports }) => service(key, [...ports.values()])),
      ...[...this.#secrets.values()].flatMap((wanted) => this.#secret(wanted)),
      ...[...this.#extensions.values()].map(extension),
      ...this.#roots(),
    ].flatMap((object) => object ?? []);
  }

  #secret(
    { key, keys, by }: { key: ObjectKey; keys: ReadonlySet<string>; by: ReadonlySet<string> },
  ): (AssumedObject | undefined)[] {
    const secret = assume(key, { apiVersion: "v1", type: "Opaque", data: assumedSecretData(keys) });
    // Where a delegation of the Secret is given, the namespaces it lists are meant.
    if (by.size === 0 || this.#delegated.has(`${key.namespace}/${key.name}`)) return [secret];
    const delegation: ObjectKey = {
      kind: "TLSCertificateDelegation",
      namespace: key.namespace,
      name: `assumed.${key.name}`,
    };
    return [
      secret,
      assume(delegation, {
        apiVersion: "projectcontour.io/v1",
        spec: { delegations: [{ secretName: key.name, targetNamespaces: [...by] }] },
      }),
    ];
  }

  /** For each HTTPProxy that nobody includes, a root that does; none where the files hold a root. */
  #roots(): (AssumedObject | undefined)[] {
    const proxies = this.#objects.filter((object) => object.kind === "HTTPProxy");
    if (proxies.some(({ spec }) => spec.virtualhost !== undefined)) return [];
    const included = new Set(proxies.flatMap(includedBy));
    return proxies
      .filter((proxy) => !included.has(keyId(keyOf(proxy))))
      .map((proxy, index) => {
        const { namespace, name, annotations } = proxy.metadata;
        const key: ObjectKey = { kind: "HTTPProxy", namespace, name: `assumed.root-of.${name}` };
        const include = { namespace, name };
        const { tcpproxy, ingressClassName } = proxy.spec;
        return assume(key, {
          apiVersion: "projectcontour.io/v1",
          ...(annotations === undefined ? {} : { annotations }),
          spec: {
            ...(ingressClassName === undefined ? {} : { ingressClassName }),
            virtualhost: {
              fqdn: `assumed-${index}.invalid`,
              ...(tcpproxy === undefined ? {} : { tls: { passthrough: true } }),
            },
            ...(tcpproxy === undefined ? { includes: [include] } : { tcpproxy: { include } }),
          },
        });
      });
  }
}

function includedBy(proxy: HTTPProxy): string[] {
  const { includes = [], tcpproxy } = proxy.spec;
  const tcp = tcpproxy?.include ?? tcpproxy?.includes;
  return [...includes, ...(tcp === undefined ? [] : [tcp])].map(({ namespace, name }) =>
    keyId({ kind: "HTTPProxy", namespace: namespace || proxy.metadata.namespace, name })
  );
}

function wantedByProxy(wanted: Wanted, { metadata: { namespace }, spec }: HTTPProxy): void {
  const { virtualhost, routes = [], tcpproxy } = spec;
  const services = [
    ...routes.flatMap(({ services = [] }) => services),
    ...tcpproxy?.services ?? [],
  ];
  for (const { name, port, healthPort, validation } of services) {
    wanted.service(namespace, name, { number: port });
    if (healthPort !== undefined) wanted.service(namespace, name, { number: healthPort });
    wanted.reference(validation?.caSecret, namespace);
  }
  wanted.reference(virtualhost?.tls?.secretName, namespace);
  wanted.reference(virtualhost?.tls?.clientValidation?.caSecret, namespace);
  wanted.reference(virtualhost?.tls?.clientValidation?.crlSecret, namespace);
  for (const { remoteJWKS, localJWKS } of virtualhost?.jwtProviders ?? []) {
    wanted.reference(remoteJWKS?.validation?.caSecret, namespace);
    if (localJWKS !== undefined) {
      wanted.reference(localJWKS.secretName, namespace, localJWKS.key);
    }
  }
  const extension = virtualhost?.authorization?.extensionRef;
  wanted.extension(extension?.namespace ?? namespace, extension?.name);
}

function wantedByIngress(wanted: Wanted, { metadata, spec }: Ingress): void {
  const { namespace, annotations } = metadata;
  const { defaultBackend, rules = [], tls = [] } = spec;
  const paths = rules.flatMap(({ http }) => http?.paths ?? []);
  const backends = [defaultBackend, ...paths.map(({ backend }) => backend)];
  for (const backend of backends) {
    const { name, port } = backend?.service ?? {};
    if (name === undefined || port === undefined) continue;
    const { number, name: portName } = port;
    wanted.service(namespace, name, {
      ...(number === undefined ? {} : { number }),
      ...(portName === undefined ? {} : { name: portName }),
    });
  }
  const elsewhere = annotations?.["projectcontour.io/tls-cert-namespace"];
  for (const { secretName } of tls) {
    const local = secretName === undefined || secretName.includes("/") || !elsewhere;
    wanted.reference(local ? secretName : `${elsewhere}/${secretName}`, namespace);
  }
}

function wantedBySettings(wanted: Wanted, settings: Settings): void {
  const { fallbackCertificate, clientCertificate, globalAuthorization, rateLimitService, tracing } =
    settings;
  if (clientCertificate !== undefined) {
    wanted.reference(`${clientCertificate.namespace}/${clientCertificate.name}`, "");
  }
  if (fallbackCertificate !== undefined) {
    const { namespace, name } = fallbackCertificate;
    for (const user of wanted.fallbackNamespaces()) wanted.reference(`${namespace}/${name}`, user);
  }
  const global = globalAuthorization?.extensionRef;
  if (global?.namespace !== undefined) wanted.extension(global.namespace, global.name);
  for (const service of [rateLimitService?.extensionService, tracing?.extensionService]) {
    if (service !== undefined) wanted.extension(service.namespace, service.name);
  }
}

function service(key: ObjectKey, wanted: readonly Port[]): AssumedObject | undefined {
  // A port by name has no number to go by; one that nobody else asks for will do.
  const ports = wanted.map(({ number, name }, index) => ({
    port: number ?? 60_000 + index,
    ...(name !== undefined ? { name } : wanted.length > 1 ? { name: `port-${number}` } : {}),
  }));
  return assume(key, { apiVersion: "v1", spec: { ports } });
}

function extension(key: ObjectKey): AssumedObject | undefined {
  return assume(key, {
    apiVersion: "projectcontour.io/v1alpha1",
    spec: { services: [{ name: extensionBackend, port: 9 }] },
  });
}

const extensionBackend = "assumed-backend";

/** `undefined` where no object of that name can exist; the controller will say so. */
function assume(
  key: ObjectKey,
  { annotations, ...rest }: Readonly<Record<string, unknown>>,
): AssumedObject | undefined {
  const { kind, namespace, name } = key;
  const metadata = { namespace, name, ...(annotations === undefined ? {} : { annotations }) };
  const parsed = parseObject({ kind, metadata, ...rest }, { strict: false });
  return parsed.kind === "object" ? { key, object: parsed.object } : undefined;
}
