import type { Manifest } from "../../../support/cluster/mod.ts";
import { conditions } from "./conditions.ts";
import type { Draw, Fields } from "./draw.ts";
import { caReference, certificateReference, revocationReference } from "./names.ts";
import {
  addressPolicies,
  corsPolicy,
  loadBalancerPolicy,
  rateLimitPolicy,
  timeout,
  upstreamValidation,
} from "./policies.ts";
import { route, routeService } from "./route.ts";

/** Where an HTTPProxy stands, and what it may name. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
  /** Those of the world. */
  readonly namespaces: readonly string[];
  /** Below it all hosts of the world are: `w1.test`. */
  readonly domain: string;
  /** HTTPProxies that may be included. */
  readonly parts: readonly string[];
  readonly classes: Classes;
}

/** The classes that objects name, and how often they name one. */
export interface Classes {
  readonly names: readonly string[];
  readonly share: number;
}

/** An HTTPProxy; a root when its name begins with `r`. */
export function proxy(draw: Draw, place: Place): Manifest {
  const { namespace, name } = place;
  const isRoot = name.startsWith("r") !== draw.chance(0.03);
  const virtualhost = isRoot ? virtualHost(draw, place) : undefined;
  const hasTls = virtualhost?.["tls"] !== undefined;
  const hasTcp = draw.isTopic("tcpproxy") || draw.chance(hasTls ? 0.2 : isRoot ? 0.01 : 0.2);
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace, name, ...annotations(draw, place) },
    spec: {
      ...(virtualhost === undefined ? {} : { virtualhost }),
      ...draw.maybe(place.classes.share, "ingressClassName", () => draw.of(place.classes.names)),
      ...(hasTcp ? { tcpproxy: draw.within("tcpproxy", () => tcpProxy(draw, place)) } : {}),
      ...(draw.chance(0.02) ? {} : {
        ...draw.maybe(
          isRoot ? 0.6 : 0.35,
          "includes",
          () => draw.some(3, () => include(draw, place)),
        ),
        ...draw.maybe(0.85, "routes", () => draw.some(2, () => route(draw, place.namespaces))),
      }),
    },
  };
}

function annotations(draw: Draw, { classes }: Place): Fields {
  const all = {
    ...draw.maybe(0.04, "projectcontour.io/ingress.class", () => draw.of([...classes.names, ""])),
    ...draw.maybe(0.04, "kubernetes.io/ingress.class", () => draw.of([...classes.names, ""])),
  };
  return Object.keys(all).length === 0 ? {} : { annotations: all };
}

function include(draw: Draw, { namespace, namespaces, parts }: Place): Fields {
  return {
    name: draw.value(parts, ["nobody", "r0", "r1"]),
    ...draw.maybe(0.3, "namespace", () => draw.value([namespace, ...namespaces], ["nowhere", ""])),
    ...draw.maybe(0.8, "conditions", () => conditions(draw, "include")),
  };
}

function tcpProxy(draw: Draw, place: Place): Fields {
  const services = () => ({
    services: draw.some(2, () => routeService(draw, place.namespaces)),
  });
  const included = (): Fields => {
    const { conditions: _, ...target } = include(draw, place);
    return { [draw.of(["include", "include", "includes"])]: target };
  };
  const action = draw.errs()
    ? draw.of([{}, { ...services(), ...included() }, { ...included(), ...included() }])
    : draw.chance(0.6)
    ? services()
    : included();
  return {
    ...action,
    ...draw.maybe(0.3, "loadBalancerPolicy", () => loadBalancerPolicy(draw)),
    ...draw.maybe(0.2, "healthCheckPolicy", () => ({ intervalSeconds: 5, timeoutSeconds: 2 })),
  };
}

function virtualHost(draw: Draw, place: Place): Fields {
  const { name, namespace, namespaces, domain } = place;
  const isRich = draw.chance(0.5);
  const own = `${name}.${namespace}.${domain}`;
  const tlsTopics = ["tls", "secretName", "clientValidation", "authorization", "jwtProviders"];
  const tls = draw.chance(tlsTopics.some((topic) => draw.isTopic(topic)) ? 0.95 : 0.5)
    ? { tls: draw.within("tls", () => hostTls(draw, namespaces)) }
    : {};
  const isProtected = draw.errs() || tls.tls !== undefined;
  return {
    fqdn: draw.chance(0.02)
      ? `same.${domain}`
      : draw.value([own, own, own, `*.${own}`], [`same.${domain}`, `same.${domain}`], [
        "*",
        "",
        "A.test",
      ]),
    ...tls,
    ...(isProtected && (isRich || draw.isTopic("authorization") || draw.isTopic("jwtProviders"))
      ? {
        ...draw.maybe(0.3, "authorization", () => authorization(draw, namespaces)),
        ...draw.maybe(0.3, "jwtProviders", () => draw.some(2, () => jwtProvider(draw, namespaces))),
      }
      : {}),
    ...draw.maybe(isRich ? 0.3 : 0, "corsPolicy", () => corsPolicy(draw)),
    ...draw.maybe(isRich ? 0.3 : 0, "rateLimitPolicy", () => rateLimitPolicy(draw)),
    ...draw.within(
      "addresses",
      () => draw.isTopic("addresses") || (isRich && draw.chance(0.3)) ? addressPolicies(draw) : {},
    ),
  };
}

function hostTls(draw: Draw, namespaces: readonly string[]): Fields {
  const isPassed = draw.chance(0.15);
  const version = () => draw.of(["1.2", "1.3", "1.1", ""]);
  return {
    ...(isPassed
      ? { passthrough: true }
      : { secretName: draw.within("secretName", () => certificateReference(draw, namespaces)) }),
    ...(draw.errs()
      ? draw.of([{ secretName: "" }, { secretName: " " }, {
        passthrough: true,
        secretName: "cert",
      }, { passthrough: false, secretName: undefined }])
      : {}),
    ...draw.maybe(0.15, "minimumProtocolVersion", version),
    ...draw.maybe(0.15, "maximumProtocolVersion", version),
    ...draw.maybe(isPassed ? 0.1 : 0.2, "enableFallbackCertificate", () => draw.chance(0.8)),
    ...draw.maybe(isPassed ? 0.1 : 0.25, "clientValidation", () => ({
      ...draw.maybe(0.8, "caSecret", () => caReference(draw, namespaces)),
      ...draw.maybe(0.3, "skipClientCertValidation", () => draw.chance(0.7)),
      ...draw.maybe(0.2, "optionalClientCertificate", () => true),
      ...draw.maybe(0.3, "crlSecret", () => revocationReference(draw, namespaces)),
      ...draw.maybe(0.2, "crlOnlyVerifyLeafCert", () => true),
      ...draw.maybe(0.2, "forwardClientCertificate", () => ({ subject: true })),
    })),
  };
}

function authorization(draw: Draw, namespaces: readonly string[]): Fields {
  return {
    ...draw.maybe(0.9, "extensionRef", () => ({
      ...draw.maybe(
        0.3,
        "apiVersion",
        () => draw.value(["projectcontour.io/v1alpha1"], ["projectcontour.io/v1", "v1"]),
      ),
      ...draw.maybe(0.4, "namespace", () => draw.value(namespaces, ["nowhere"])),
      ...draw.maybe(0.95, "name", () => draw.value(["e0", "e0", "e1"], ["nobody", "e1"])),
    })),
    ...draw.maybe(0.3, "responseTimeout", () => timeout(draw)),
    ...draw.maybe(0.3, "authPolicy", () => ({
      ...draw.maybe(0.4, "disabled", () => draw.chance(0.5)),
      ...draw.maybe(0.4, "context", () => ({ key: "value" })),
    })),
    ...draw.maybe(0.2, "failOpen", () => true),
    ...draw.maybe(0.2, "withRequestBody", () => ({ maxRequestBytes: draw.value([100], [], [0]) })),
  };
}

function jwtProvider(draw: Draw, namespaces: readonly string[]): Fields {
  return {
    name: draw.of(draw.errs() ? ["one"] : ["one", "two"]),
    ...draw.maybe(draw.errs() ? 0.9 : 0.3, "default", () => true),
    ...draw.maybe(0.5, "issuer", () => "issuer.test"),
    ...draw.maybe(0.2, "audiences", () => ["a"]),
    remoteJWKS: {
      uri: draw.value(
        ["https://issuer.test/keys", "http://issuer.test:8080/k", "https://10.0.0.1:8443/k"],
        [
          "ftp://issuer.test/k",
          "issuer.test/keys",
          "https://issuer.test:port/k",
          "http://[::1",
          "%",
          "https://issuer.test:99999999999999999999/k",
          "https://issuer.test/%zz",
          ":",
          "https://a b.test/",
        ],
      ),
      ...draw.maybe(0.3, "timeout", () => draw.value(["1s", "500ms"], ["s", ".s"], ["infinity"])),
      ...draw.maybe(0.3, "cacheDuration", () => draw.value(["1m"], ["s", ".s", "m"])),
      ...draw.maybe(
        0.2,
        "dnsLookupFamily",
        () => draw.value(["auto", "v4", "v6"], [], ["all", "odd"]),
      ),
      ...draw.maybe(0.25, "validation", () => upstreamValidation(draw, namespaces)),
    },
    ...draw.maybe(0.2, "forwardJWT", () => true),
  };
}
