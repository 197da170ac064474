/** Worlds in which every object is valid, and whose names and hosts nobody else has. */
import { Random } from "../../../support/world/random.ts";
import { ingress } from "./ingress.ts";
import { part, type Proxy, root, type Surroundings } from "./proxy.ts";

/** Objects that know each other, and the hosts they are about. */
export interface World {
  readonly name: string;
  readonly objects: readonly object[];
  /** Without TLS. */
  readonly hosts: readonly string[];
  /** With TLS. */
  readonly secureHosts: readonly string[];
  /** Those among them behind which other things than HTTP are spoken. */
  readonly tcpHosts: readonly string[];
}

/** The same world for the same seed. */
export function randomWorld(
  seed: number,
  { name, hasFallback }: { readonly name: string; readonly hasFallback: boolean },
): World {
  const random = new Random(seed);
  const names = ["p0", "p1", "p2"].slice(random.below(3)).map((part) => `${name}-${part}`);
  const around: Surroundings = { hasFallback, parts: names };
  const plain = [`one.${name}.test`, `two.${name}.test`, `*.${name}.test`, `*.x.${name}.test`]
    .filter((_, at) => random.chance(at === 0 ? 0.9 : 0.35));
  const secure = ["s", "t", "u"].filter(() => random.chance(0.4)).map((letter) =>
    `${name}-${letter}.secure.test`
  );
  const wildcard = random.chance(0.2) ? [`*.${name}.secure.test`] : [];
  const proxies = [
    ...plain.map((fqdn, at) => root(random, around, { name: `${name}-r${at}`, fqdn, tls: "none" })),
    ...[...secure, ...wildcard].map((fqdn, at) =>
      root(random, around, {
        name: `${name}-s${at}`,
        fqdn,
        tls: random.of(["terminated", "terminated", "terminated", "tcp", "passthrough"]),
      })
    ),
  ];
  const ingressHosts = [
    `ing.${name}.test`,
    `*.ing.${name}.test`,
    `${name}-i.secure.test`,
    ...plain.slice(0, 1),
  ].filter(() => random.chance(0.5));
  return {
    name,
    objects: [
      ...proxies.map((each) => withClasses(random, each)),
      ...["default", "team"].flatMap((namespace) =>
        names.map((each) => part(random, around, each, namespace))
      ),
      ...(ingressHosts.length > 0 ? [ingress(random, `${name}-i`, ingressHosts)] : []),
    ],
    hosts: [...plain, ...ingressHosts],
    secureHosts: [
      ...secure,
      ...wildcard,
      ...ingressHosts.filter((host) => host.endsWith(".secure.test")),
    ],
    tcpHosts: proxies.flatMap(({ spec }) =>
      spec["tcpproxy"] ? [Object(spec["virtualhost"]).fqdn] : []
    ),
  };
}

/** Some say which class they belong to, in one of the ways to say it. */
function withClasses(random: Random, proxy: Proxy): Proxy {
  if (random.chance(0.85)) return proxy;
  const dice = random.below(3);
  if (dice === 0) return { ...proxy, spec: { ...proxy.spec, ingressClassName: "contour" } };
  const name = random.of(["projectcontour.io/ingress.class", "kubernetes.io/ingress.class"]);
  const annotations = { [name]: "contour" };
  return { ...proxy, metadata: { ...proxy.metadata, ...{ annotations } } };
}
