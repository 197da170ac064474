/** The configurations under which worlds were asked, and what is added to them all. */

/** A configuration file with the worlds that are served by it. */
export interface Variant {
  readonly name: string;
  /** The text of the configuration file. */
  readonly configuration: string;
  /** How many worlds, and how many requests each of them gets. */
  readonly worlds: number;
  readonly requests: number;
  /** Objects for hosts that nobody else has. */
  readonly more: readonly object[];
}

/** In the order in which they are recorded. */
export const variants: readonly Variant[] = [
  {
    name: "defaults",
    configuration: "",
    worlds: 40,
    requests: 44,
    more: [{
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { namespace: "default", name: "everybody" },
      spec: {
        defaultBackend: { service: { name: "a", port: { number: 80 } } },
        rules: [{
          http: {
            paths: [
              {
                path: "/b",
                pathType: "Prefix",
                backend: { service: { name: "b", port: { number: 80 } } },
              },
              {
                path: "/c.*",
                pathType: "ImplementationSpecific",
                backend: { service: { name: "c", port: { number: 80 } } },
              },
            ],
          },
        }],
      },
    }],
  },
  {
    name: "configured",
    configuration: `policy:
  request-headers:
    set:
      X-Default: "%CONTOUR_NAMESPACE% %CONTOUR_SERVICE_NAME%:%CONTOUR_SERVICE_PORT% %REQ(x-a)%"
      X-Set: 50%
    remove: [X-B, X-Gone]
  response-headers:
    set:
      X-Answer: default
      X-More: "%PROTOCOL%"
    remove: [X-Reply]
  applyToIngress: true
compression: { algorithm: brotli }
serverHeaderTransformation: append_if_absent
disableMergeSlashes: true
disablePermitInsecure: true
network: { num-trusted-hops: 1, strip-trailing-host-dot: true }
tls:
  minimum-protocol-version: "1.3"
  fallback-certificate: { name: fallback, namespace: default }
timeouts: { request-timeout: 5s }
cluster: { max-requests-per-connection: 3 }
`,
    worlds: 20,
    requests: 44,
    more: [],
  },
];
