import type { Manifest } from "../../../support/cluster/mod.ts";
import { Draw } from "./draw.ts";
import { delegation, extensionService, ingress } from "./other_kinds.ts";
import { type Classes, proxy } from "./proxy.ts";

/** A world of two namespaces, without what stands in all of them. */
export interface World {
  /** Begins all its namespaces and ends all its hosts: `w17`. */
  readonly name: string;
  readonly objects: readonly Manifest[];
}

/** The namespaces of a world. */
export function namespacesOf(world: string): readonly string[] {
  return [`${world}-a`, `${world}-b`];
}

/** The world of a seed: roots, what they include, and what those refer to, right and wrong. */
export function randomWorld(
  seed: number,
  { name, classes, isLawless = false }: {
    readonly name: string;
    readonly classes: Classes;
    /** Whether there are values that the schema refuses. */
    readonly isLawless?: boolean;
  },
): World {
  const draw = new Draw(seed, { isLawless });
  const namespaces = namespacesOf(name);
  const domain = `${name}.test`;
  const chosen = (all: readonly string[], share: number) => all.filter(() => draw.chance(share));
  const objects = namespaces.flatMap((namespace) => {
    // What nobody defines is a mistake of whoever refers to it.
    const parts = ["p0", "p1", "p2", "p3"];
    const place = { namespace, namespaces, domain, parts, classes };
    return [
      ...[...chosen(["r0", "r1", "r2"], 0.75), ...chosen(parts, 0.7)].map((each) =>
        draw.about(topicsOf(draw), draw.of([0, 0, 5]), () => proxy(draw, { ...place, name: each }))
      ),
      ...chosen(["e0", "e1"], 0.6).map((each) =>
        draw.about(
          draw.chance(0.5) ? topicsOf(draw) : [],
          draw.of([0, 0, 60]),
          () => extensionService(draw, { namespace, namespaces, name: each }),
        )
      ),
      ...chosen(["d0"], 0.6).map((each) => delegation(draw, { namespace, namespaces, name: each })),
      ...chosen(["i0"], 0.3).map((each) =>
        ingress(draw, { namespace, name: each, domain, classes })
      ),
    ];
  });
  return { name, objects: structuredClone(objects) };
}

/** Where an object is to be wrong; nowhere at times. */
function topicsOf(draw: Draw): readonly string[] {
  return Array.from({ length: draw.of([0, 1, 1, 1, 2, 3]) }, () => draw.of(topics));
}

const topics = [
  "action",
  "addresses",
  "authorization",
  "clientValidation",
  "conditions",
  "conditions",
  "cookieRewritePolicies",
  "corsPolicy",
  "healthCheckPolicy",
  "includes",
  "includes",
  "jwtProviders",
  "jwtVerificationPolicy",
  "loadBalancerPolicy",
  "pathRewritePolicy",
  "rateLimitPolicy",
  "requestHeadersPolicy",
  "responseHeadersPolicy",
  "secretName",
  "services",
  "slowStartPolicy",
  "tcpproxy",
  "timeoutPolicy",
  "tls",
  "validation",
];
