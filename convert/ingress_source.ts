import { z } from "zod";

/** An Ingress of any version, in one form. */
export interface IngressSpec {
  readonly ingressClassName?: string;
  readonly defaultBackend?: Backend;
  readonly tls: readonly IngressTls[];
  readonly rules: readonly IngressRule[];
}

/** An entry of `spec.tls`. */
export interface IngressTls {
  readonly hosts: readonly string[];
  readonly secretName?: string;
  /** `spec.tls[0]` */
  readonly path: string;
}

/** A rule; without a host it is for all. */
export interface IngressRule {
  readonly host: string;
  /** `spec.rules[0]` */
  readonly path: string;
  readonly paths: readonly IngressPath[];
}

/** A path of a rule. */
export interface IngressPath {
  readonly path: string;
  readonly pathType: PathType;
  readonly backend: Backend;
  /** `spec.rules[0].http.paths[1]` */
  readonly origin: string;
}

/** How a path is compared. */
export type PathType = "Exact" | "Prefix" | "ImplementationSpecific";

/** Where requests go. */
export interface Backend {
  readonly target:
    | { readonly kind: "service"; readonly name: string; readonly port: number | string }
    | { readonly kind: "resource"; readonly text: string }
    | { readonly kind: "none" };
  /** `spec.defaultBackend` */
  readonly path: string;
}

const resource = z.object({
  apiGroup: z.string().optional(),
  kind: z.string(),
  name: z.string(),
}).optional();

const oldBackend = z.object({
  serviceName: z.string().optional(),
  servicePort: z.union([z.int(), z.string()]).optional(),
  resource,
});

const newBackend = z.object({
  service: z.object({
    name: z.string(),
    port: z.object({ name: z.string().optional(), number: z.int().optional() }).optional(),
  }).optional(),
  resource,
});

const pathType = z.enum(["Exact", "Prefix", "ImplementationSpecific"]);

const objectName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** What is read of the metadata of an input object; the rest is noted. */
export const SourceMetadata = z.looseObject({
  name: z.string().regex(objectName, { error: "must be a name of Kubernetes" }).max(253),
  namespace: z.string().regex(/^[a-z0-9-]*$/, { error: "must be a name of Kubernetes" }).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  creationTimestamp: z.string().optional(),
});

/** See {@link SourceMetadata}. */
export type SourceMetadata = z.infer<typeof SourceMetadata>;

function schema<Version extends string, Body extends z.ZodRawShape, Backend extends z.ZodType>(
  versions: readonly Version[],
  body: Body,
  backend: Backend,
) {
  return z.object({
    apiVersion: z.enum(versions),
    kind: z.literal("Ingress"),
    metadata: SourceMetadata,
    spec: z.object({
      ingressClassName: z.string().optional(),
      tls: z.array(z.object({
        hosts: z.array(z.string()).optional(),
        secretName: z.string().optional(),
      })).optional(),
      rules: z.array(z.object({
        host: z.string().optional(),
        http: z.object({
          paths: z.array(z.object({
            path: z.string().optional(),
            pathType: pathType.optional(),
            backend,
          })),
        }).optional(),
      })).optional(),
      ...body,
    }).optional(),
    status: z.looseObject({}).optional(),
  });
}

/** `networking.k8s.io/v1`. */
export const IngressV1 = schema(
  ["networking.k8s.io/v1"],
  { defaultBackend: newBackend.optional() },
  newBackend,
);

/** The versions before. */
export const IngressV1Beta1 = schema(
  ["networking.k8s.io/v1beta1", "extensions/v1beta1"],
  { backend: oldBackend.optional() },
  oldBackend,
);

/** One form of both versions. */
export function ingressSpec(
  ingress: z.infer<typeof IngressV1> | z.infer<typeof IngressV1Beta1>,
): IngressSpec {
  const spec = ingress.spec ?? {};
  const fallback = "defaultBackend" in spec && spec.defaultBackend !== undefined
    ? backendOf(spec.defaultBackend, "spec.defaultBackend")
    : "backend" in spec && spec.backend !== undefined
    ? backendOf(spec.backend, "spec.backend")
    : undefined;
  return {
    ...(spec.ingressClassName === undefined ? {} : { ingressClassName: spec.ingressClassName }),
    ...(fallback === undefined ? {} : { defaultBackend: fallback }),
    tls: (spec.tls ?? []).map(({ hosts = [], secretName }, i) => ({
      hosts: hosts.map((host) => host.toLowerCase()),
      ...(secretName === undefined || secretName === "" ? {} : { secretName }),
      path: `spec.tls[${i}]`,
    })),
    rules: (spec.rules ?? []).map(({ host = "", http }, i) => ({
      host: host.toLowerCase(),
      path: `spec.rules[${i}]`,
      paths: (http?.paths ?? []).map(({ path = "", pathType, backend }, j) => {
        const origin = `spec.rules[${i}].http.paths[${j}]`;
        return {
          path: path === "" ? "/" : path,
          pathType: pathType ?? "ImplementationSpecific",
          backend: backendOf(backend, `${origin}.backend`),
          origin,
        };
      }),
    })),
  };
}

function backendOf(
  backend: z.infer<typeof newBackend> | z.infer<typeof oldBackend>,
  path: string,
): Backend {
  const { resource } = backend;
  if (resource !== undefined) {
    const group = resource.apiGroup === undefined ? "" : `${resource.apiGroup} `;
    return {
      target: { kind: "resource", text: `${group}${resource.kind} ${resource.name}` },
      path,
    };
  }
  if ("service" in backend && backend.service !== undefined) {
    const { name, port } = backend.service;
    return { target: { kind: "service", name, port: port?.number ?? port?.name ?? "" }, path };
  }
  if ("serviceName" in backend && backend.serviceName !== undefined) {
    const { serviceName: name, servicePort = "" } = backend;
    const port = typeof servicePort === "string" && /^\d+$/.test(servicePort)
      ? Number(servicePort)
      : servicePort;
    return { target: { kind: "service", name, port }, path };
  }
  return { target: { kind: "none" }, path };
}
