import { keys } from "../../controller/configuration/mod.ts";
import { type CoveredKind, coveredKinds, schemaFields } from "./schema_fields.ts";

/** Something that users can write, and that has to be shown. */
export interface Row {
  /** Heading of its part of the table: a kind, or `Configuration`. */
  readonly part: string;
  /** `spec.routes[].enableWebsockets`, `annotation projectcontour.io/retry-on`, `timeouts.connect-timeout`. */
  readonly field: string;
  /** Names by which tests may set it instead, for configuration. */
  readonly aliases?: readonly string[];
}

/** All rows, part by part. */
export function rows(): readonly Row[] {
  const kinds = Object.keys(coveredKinds) as CoveredKind[];
  return [
    ...kinds.flatMap((part) => schemaFields(part).map((field) => ({ part, field }))),
    ...Object.entries(annotations).flatMap(([part, names]) =>
      names.map((name) => ({ part, field: `annotation ${name}` }))
    ),
    ...serviceFields.map((field) => ({ part: "Service", field })),
    ...keys.map(({ file, resource }) => ({
      part: "Configuration",
      field: file ?? resource ?? "",
      aliases: [
        ...(resource === undefined ? [] : [resource]),
        ...(settings[file ?? resource ?? ""] ?? []),
      ],
    })),
  ];
}

/** The annotations that have an effect. What is unknown is told; see `ingress/annotations/unsupported`. */
const annotations: Readonly<Record<string, readonly string[]>> = {
  HTTPProxy: ["projectcontour.io/ingress.class", "kubernetes.io/ingress.class"],
  Ingress: [
    "projectcontour.io/ingress.class",
    "kubernetes.io/ingress.class",
    "ingress.kubernetes.io/force-ssl-redirect",
    "kubernetes.io/ingress.allow-http",
    "projectcontour.io/num-retries",
    "projectcontour.io/per-try-timeout",
    "projectcontour.io/request-timeout",
    "projectcontour.io/response-timeout",
    "projectcontour.io/retry-on",
    "projectcontour.io/tls-cert-namespace",
    "projectcontour.io/tls-maximum-protocol-version",
    "projectcontour.io/tls-minimum-protocol-version",
    "projectcontour.io/websocket-routes",
  ],
  Service: [
    "projectcontour.io/max-connections",
    "projectcontour.io/max-pending-requests",
    "projectcontour.io/max-requests",
    "projectcontour.io/max-retries",
    "projectcontour.io/per-host-max-connections",
    "projectcontour.io/upstream-protocol.h2",
    "projectcontour.io/upstream-protocol.h2c",
    "projectcontour.io/upstream-protocol.tls",
  ],
};

/** Of the Service, what routing looks at. */
const serviceFields = [
  "spec.ports[].appProtocol",
  "spec.ports[].name",
  "spec.ports[].port",
  "spec.ports[].protocol",
  "spec.type",
  "spec.externalName",
];

/** What the settings of the translation are called that keys of the configuration become. */
const settings: Readonly<Record<string, readonly string[]>> = {
  "ingress.classNames": ["ingressClassNames"],
  "httpproxy.rootNamespaces": ["rootNamespaces"],
  "tls.fallback-certificate": ["fallbackCertificate"],
  "tls.envoy-client-certificate": ["clientCertificate"],
  "tls.fingerprint.ja3": ["takesFingerprints"],
  "tls.fingerprint.ja4": ["takesJa4Fingerprints"],
  "timeouts.connect-timeout": ["connectTimeoutMs"],
  "policy.request-headers": ["defaultHeaders.request"],
  "policy.response-headers": ["defaultHeaders.response"],
  "policy.applyToIngress": ["defaultHeaders.applyToIngress"],
  globalExtAuth: ["globalAuthorization"],
};
