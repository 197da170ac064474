import { defaultSettings, type Settings } from "../../../controller/store/mod.ts";
import { names } from "./surroundings.ts";
import type { Random } from "./random.ts";

/** What an administrator may decide, with references to objects that may be there or not. */
export function randomSettings(random: Random): Settings {
  return {
    ...defaultSettings,
    ingressClassNames: random.of([[], [], [], [], ["contour", "other"]]),
    rootNamespaces: random.of([[], [], [], ["a"]]),
    enableExternalNameService: random.chance(0.5),
    disablePermitInsecure: random.chance(0.3),
    connectTimeoutMs: random.of([2_000, 5_000]),
    nowMs: random.of([0, Date.UTC(2019, 0), Date.UTC(2030, 0)]),
    ...random.maybe(0.3, "fallbackCertificate", () => secret(random)),
    ...random.maybe(0.3, "clientCertificate", () => secret(random)),
    ...random.maybe(0.4, "globalAuthorization", () => globalAuthorization(random)),
    ...random.maybe(0.4, "rateLimitService", () => rateLimitService(random)),
    ...random.maybe(0.3, "tracing", () => tracing(random)),
    ...random.maybe(0.4, "defaultHeaders", () => defaultHeaders(random)),
  };
}

function secret(random: Random) {
  return { namespace: random.of(names.namespaces), name: random.of(names.secrets) };
}

function extension(random: Random) {
  return { namespace: random.of(names.namespaces), name: `e${random.below(2)}` };
}

function globalAuthorization(random: Random): NonNullable<Settings["globalAuthorization"]> {
  return {
    extensionRef: extension(random),
    serviceType: random.of(["grpc", "http"]),
    ...random.maybe(0.3, "failOpen", () => true),
    ...random.maybe(0.3, "responseTimeout", () => random.of(["1s", "infinity"])),
    ...random.maybe(0.5, "authPolicy", () => ({
      ...random.maybe(0.5, "disabled", () => true),
      ...random.maybe(0.5, "context", () => ({ realm: random.of(["x", "y"]) })),
    })),
  };
}

function rateLimitService(random: Random): NonNullable<Settings["rateLimitService"]> {
  const descriptor = { entries: [{ genericKey: { value: random.of(["x", "y"]) } }] };
  return {
    extensionService: extension(random),
    domain: random.of(["contour", "other"]),
    failOpen: random.chance(0.5),
    enableXRateLimitHeaders: random.chance(0.5),
    enableResourceExhaustedCode: random.chance(0.5),
    ...random.maybe(0.5, "defaultPolicy", () => ({
      ...random.maybe(0.2, "disabled", () => true),
      descriptors: [descriptor],
    })),
  };
}

function tracing(random: Random): NonNullable<Settings["tracing"]> {
  return {
    extensionService: extension(random),
    serviceName: "contour",
    overallSampling: random.of([1, 100]),
    clientSampling: 100,
    randomSampling: 100,
    maxPathTagLength: 256,
    includePodDetail: random.chance(0.5),
    customTags: random.several(1, () => ({ kind: "literal", tag: "t", text: "x" }) as const),
  };
}

function defaultHeaders(random: Random): Settings["defaultHeaders"] {
  return {
    request: {
      set: {
        ...random.maybe(0.5, "x-a", () => random.of(["%CONTOUR_SERVICE_NAME%", "1"])),
        ...random.maybe(0.3, "Host", () => random.of(["host.test", "%REQ(x-host)%"])),
      },
      remove: random.several(1, () => "x-b"),
    },
    response: {
      set: { ...random.maybe(0.1, "Host", () => "host.test") },
      remove: random.several(1, () => "x-c"),
    },
    applyToIngress: random.chance(0.5),
  };
}
