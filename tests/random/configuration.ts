import { ContourConfigurationSpec } from "../../controller/configuration/mod.ts";
import { type Configured, configured } from "../support/configured.ts";
import type { Random } from "../support/world/random.ts";
import { hints as objectHints, names } from "./hints.ts";
import { type Fields, type Hints, schemaTree, valueOf } from "./schema_values.ts";

const tree = schemaTree(ContourConfigurationSpec);

/** Any configuration that can be used, in the world of {@link names}. */
export function randomConfiguration(random: Random): Configured {
  for (let tries = 0; tries < 100; tries++) {
    const spec = valueOf(tree, "", random, hints);
    try {
      return configured({ spec });
    } catch {
      // What excludes each other was drawn together.
    }
  }
  throw new Error("No configuration can be used");
}

const secretRef = { namespace: "a", name: names.secret };
const extensionRef = (kind: keyof typeof names.extensions) => ({
  namespace: "a",
  name: names.extensions[kind],
});

const byEnd: readonly (readonly [end: RegExp, value: (random: Random) => unknown])[] = [
  [/(fallbackCertificate|clientCertificate)$/, () => secretRef],
  [/globalExtAuth\.extensionRef$/, () => extensionRef("grpc")],
  [/(rateLimitService|tracing)\.extensionService$/, () => extensionRef("grpc")],
  [
    /(imeouts\..*|responseTimeout)$/,
    (random) => random.of(["1s", "500ms", "1m", ...(random.chance(0.3) ? ["2m"] : [])]),
  ],
  [/Sampling$/, (random) => random.of(["0", "12.5", "100"])],
  [
    /cipherSuites$/,
    (random) => random.of(["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"]),
  ],
  [/(tos|trafficClass)$/, (random) => random.below(256)],
  [
    /accessLogFormatString$/,
    (random) => random.of(["%RESPONSE_CODE% %REQ(:PATH)%\n", "%START_TIME% %PROTOCOL%\n"]),
  ],
  [
    /accessLogJSONFields$/,
    (random) => random.of(["method", "path", "code=%RESPONSE_CODE%", "agent=%REQ(user-agent)%"]),
  ],
  [/buffer-limit-bytes$/, (random) => 1_024 * (1 + random.below(64))],
  [/classNames$/, () => "contour"],
  [/rootNamespaces$/, () => "a"],
  [/runtimeSettings$/, () => ({ "re2.max_program_size.error_level": "2000000" })],
  [/Headers\.remove$/, (random) => random.of(["x-c", "server"])],
  [/Headers\.set$/, (random) => ({ "x-default": random.of(["1", "%CONTOUR_NAMESPACE%", "50%"]) })],
  [/tagName$/, (random) => `tag-${random.below(1_000)}`],
  [/requestHeaderName$/, () => "x-a"],
  [/(serviceName|domain)$/, () => "gateway"],
];

/** Places to listen at are the test's own, and Envoy has no room for more of them. */
const leftOut =
  /^(xdsServer|debug|health|metrics|gateway|featureFlags)|^envoy\.(http|https|service|metrics|health|omEnforcedHealth)$|adminPort$/;

const hints: Hints = {
  presence: (path) =>
    leftOut.test(path)
      ? 0
      : /^(envoy|envoy\.\w+)$/.test(path)
      ? 0.7
      : /^\w+$/.test(path)
      ? 0.3
      : 0.4,
  value: (path, random) =>
    byEnd.find(([end]) => end.test(path))?.[1](random) ?? objectHints.value(path, random),
  together: objectHints.together,
  mended(path, value, random) {
    if (/[tT][lL][sS]$/.test(path)) return withoutMaximum(value);
    if (/customTags$/.test(path)) return oneValue(value);
    return objectHints.mended(path, value, random);
  },
};

/** A range of versions that is one. */
function withoutMaximum({ maximumProtocolVersion: _, ...rest }: Fields): Fields {
  return rest;
}

function oneValue({ literal, ...rest }: Fields): Fields {
  return literal === undefined
    ? { requestHeaderName: "x-a", ...rest }
    : { tagName: rest["tagName"], literal };
}
