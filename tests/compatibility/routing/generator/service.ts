/** Services of routes, and the policies that services and routes have in common. */
import type { Random } from "../../../support/world/random.ts";

/** What a route leads to, with weights by which only one Service can be chosen. */
export function services(random: Random, options: ServiceOptions): object[] {
  const first = service(random, options);
  const more = Array.from(
    { length: random.chance(0.35) ? 1 + random.below(2) : 0 },
    () => service(random, options),
  );
  const chosen = random.below(1 + more.length);
  const weighted = [first, ...more].map((each, at) => ({
    ...each,
    ...(more.length > 0
      ? at === chosen ? { weight: random.of([1, 10, 100]) } : random.maybe(0.5, "weight", () => 0)
      : random.maybe(0.3, "weight", () => random.of([0, 1, 70]))),
  }));
  return [
    ...weighted,
    ...(random.chance(0.12)
      ? [{
        name: "mirror",
        port: 80,
        mirror: true,
        ...random.maybe(0.5, "weight", () => random.of([1, 50, 100])),
      }]
      : []),
  ];
}

/** What services may have. */
export interface ServiceOptions {
  /** Whether they may start slowly. */
  readonly slowStart: boolean;
}

function service(random: Random, { slowStart }: ServiceOptions): object {
  return {
    ...target(random),
    ...random.maybe(0.2, "requestHeadersPolicy", () => requestHeaders(random, "service")),
    ...random.maybe(0.2, "responseHeadersPolicy", () => responseHeaders(random)),
    ...random.maybe(0.12, "cookieRewritePolicies", () => cookies(random)),
    ...(slowStart
      ? random.maybe(0.05, "slowStartPolicy", () => ({
        window: random.of(["3s", "1m", "1m30s"]),
        ...random.maybe(0.5, "aggression", () => random.of(["1.5", "0.3", "2"])),
        ...random.maybe(0.5, "minWeightPercent", () => random.of([0, 5, 100])),
      }))
      : {}),
  };
}

/** A Service by name and port, and how it is spoken to. */
function target(random: Random): object {
  const validation = random.maybe(0.5, "validation", () => ({
    caSecret: random.of(["ca", "ca", "team/delegated-ca"]),
    subjectName: random.chance(0.8) ? "backend.test" : "other.test",
  }));
  return random.of<() => object>([
    ...["a", "a", "b", "b", "c", "c"].map((name) => () => ({ name, port: 80 })),
    ...["empty", "closed"].map((name) => () => ({ name, port: 80 })),
    () => ({ name: "h2c", port: 80, protocol: "h2c" }),
    () => ({ name: "h2", port: 80, protocol: "h2", ...validation }),
    () => ({ name: "https", port: 80, protocol: "tls", ...validation }),
    () => ({ name: "app-h2c", port: 80 }),
    () => ({ name: "noted-h2", port: random.of([80, 443]), ...validation }),
    () => ({ name: "noted-tls", port: 443 }),
    () => ({ name: "limited", port: 80 }),
    () => ({
      name: "ported",
      port: random.of([80, 81]),
      ...random.maybe(0.3, "healthPort", () => 81),
    }),
  ])();
}

const dynamicValues = [
  "%CONTOUR_NAMESPACE%",
  "%CONTOUR_SERVICE_NAME%:%CONTOUR_SERVICE_PORT%",
  "%PROTOCOL%",
  "%REQ(X-A)%",
  "%REQ(x-b?x-a)%",
  "%REQ(:path):3%",
  "%REQ(:authority)%",
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
  "%DOWNSTREAM_LOCAL_SUBJECT%",
  "%RESPONSE_CODE_DETAILS%",
  "100%",
  "%UNKNOWN%",
  "50%% off",
  "a %REQ(x-a)% b%",
  "plain",
  "two words",
  '"quoted"; x=1',
  " padded ",
];

/** What is done to the headers of requests, the host among them. */
export function requestHeaders(random: Random, level: "route" | "service"): object {
  const names = ["x-set", "X-Other", "x-a", "User-Agent", "x-forwarded-for"].filter(() =>
    random.chance(0.35)
  );
  const host = random.of([
    "inner.test",
    "inner.test:8080",
    ...(level === "route" ? ["%REQ(x-host)%", "%REQ(X-A)%"] : []),
  ]);
  const set = [
    ...names.map((name) => ({ name, value: random.of(dynamicValues) })),
    ...(random.chance(0.25) ? [{ name: random.of(["Host", "host"]), value: host }] : []),
  ];
  return policy(random, set, ["x-b", "X-C", "accept", "x-request-start"]);
}

/** What is done to the headers of responses. */
export function responseHeaders(random: Random): object {
  const names = ["x-answer", "X-Backend", "Content-Type", "server", "x-more"].filter(() =>
    random.chance(0.35)
  );
  const set = names.map((name) => ({ name, value: random.of(dynamicValues) }));
  return policy(random, set, ["x-reply", "X-Gone", "x-envoy-upstream-service-time", "Date"]);
}

function policy(random: Random, set: readonly object[], removable: readonly string[]): object {
  const remove = removable.filter(() => random.chance(0.25));
  return {
    ...(set.length === 0 ? {} : { set }),
    ...(remove.length === 0 ? {} : { remove }),
  };
}

/** What is done to cookies. */
export function cookies(random: Random): object[] {
  return ["session", "cart"].filter(() => random.chance(0.7)).map((name) => ({
    name,
    secure: random.chance(0.5),
    ...random.maybe(0.5, "pathRewrite", () => ({ value: random.of(["/", "/new"]) })),
    ...random.maybe(0.5, "domainRewrite", () => ({ value: "cookies.test" })),
    ...random.maybe(0.5, "sameSite", () => random.of(["Strict", "Lax", "None"])),
  }));
}
