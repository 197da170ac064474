import type { Manifest } from "../../support/cluster/mod.ts";
import type { Classes } from "./generator/proxy.ts";

/** A way to run Contour, under which worlds are judged. */
export interface Variant {
  readonly name: string;
  /** Begins the names of its worlds. */
  readonly letter: string;
  /** Its configuration file. */
  readonly configuration: string;
  readonly flags: Flags;
  readonly classes: Classes;
  /** How many worlds are judged, and how many of them kept: those that show most. */
  readonly made: number;
  readonly kept: number;
  /** What the configuration refers to; all in the namespace `shared`, where Secrets stand too. */
  readonly shared: readonly Manifest[];
  /** What of that is taken away again once Contour runs, which would not start without it. */
  readonly later?: readonly Manifest[];
}

/** The flags that matter here. */
export interface Flags {
  readonly ingressClassName?: string;
  readonly ingressStatusAddress?: string;
  /** Whether roots may be in the first namespace of each world alone. */
  readonly rootsInFirstNamespace?: boolean;
}

const extension = (name: string): Manifest => ({
  apiVersion: "projectcontour.io/v1alpha1",
  kind: "ExtensionService",
  metadata: { namespace: "shared", name },
  spec: { services: [{ name: "web", port: 80 }], protocol: "h2c" },
});

const delegation = (secretName: string, targetNamespaces: readonly string[]): Manifest => ({
  apiVersion: "projectcontour.io/v1",
  kind: "TLSCertificateDelegation",
  metadata: { namespace: "shared", name: secretName },
  spec: { delegations: [{ secretName, targetNamespaces }] },
});

const auth = extension("auth");
const limits = extension("limits");

/** All of them. */
export const variants: readonly Variant[] = [
  {
    name: "plain",
    made: 300,
    kept: 55,
    letter: "p",
    configuration: "",
    flags: {},
    classes: { names: ["contour", "contour", "other"], share: 0.08 },
    shared: [],
  },
  {
    name: "configured",
    made: 200,
    kept: 40,
    letter: "c",
    configuration: `
tls:
  fallback-certificate: { namespace: shared, name: cert }
  envoy-client-certificate: { namespace: shared, name: all }
enableExternalNameService: true
disablePermitInsecure: true
timeouts: { request-timeout: 10s, connect-timeout: 3s }
policy:
  request-headers: { set: { x-default: "%CONTOUR_SERVICE_NAME%", Host: default.test }, remove: [x-gone] }
  response-headers: { set: { x-answer: "1" } }
globalExtAuth:
  extensionService: shared/auth
  responseTimeout: 1s
rateLimitService:
  extensionService: shared/limits
  domain: contour
  defaultGlobalRateLimitPolicy:
    descriptors: [{ entries: [{ remoteAddress: {} }] }]
`,
    flags: { ingressStatusAddress: "192.0.2.7,lb.example" },
    classes: { names: ["contour", "contour", "other"], share: 0.08 },
    shared: [
      auth,
      limits,
      delegation("cert", ["*"]),
      delegation("ca", ["*"]),
    ],
  },
  {
    name: "restricted",
    made: 100,
    kept: 20,
    letter: "r",
    configuration: `
tls:
  fallback-certificate: { namespace: shared, name: cert }
`,
    flags: {
      ingressClassName: "first,second",
      ingressStatusAddress: "2001:db8::1",
      rootsInFirstNamespace: true,
    },
    classes: { names: ["first", "first", "first", "first", "second", "contour"], share: 0.9 },
    shared: [],
  },
  {
    name: "broken",
    made: 100,
    kept: 20,
    letter: "b",
    configuration: `
tls:
  fallback-certificate: { namespace: shared, name: notes }
rateLimitService:
  extensionService: shared/limits
  defaultGlobalRateLimitPolicy:
    descriptors: [{ entries: [{ genericKey: { value: all } }] }]
cluster: { dns-lookup-family: v4, circuit-breakers: { max-connections: 5 } }
`,
    flags: {},
    classes: { names: ["contour"], share: 0 },
    shared: [limits, delegation("notes", ["*"])],
    later: [limits],
  },
  {
    name: "unauthorized",
    made: 40,
    kept: 8,
    letter: "u",
    configuration: "globalExtAuth: { extensionService: shared/auth }",
    flags: {},
    classes: { names: ["contour"], share: 0 },
    shared: [auth],
    later: [auth],
  },
  {
    name: "uncertified",
    made: 40,
    kept: 7,
    letter: "n",
    configuration: `
tls:
  envoy-client-certificate: { namespace: shared, name: two-keys }
  fallback-certificate: { namespace: shared, name: missing }
`,
    flags: {},
    classes: { names: ["contour"], share: 0 },
    shared: [],
  },
];
