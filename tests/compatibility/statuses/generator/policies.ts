import type { Draw, Fields } from "./draw.ts";
import { caReference } from "./names.ts";

/** Durations as the API takes them: right ones, and those that only the schema lets pass. */
export function timeout(draw: Draw): string {
  return draw.value(
    ["1s", "0s", "1m30s", "250ms", "infinity", "infinite", "1.5h", ""],
    ["s", ".s", "1h.m", "h", "ms", "9999999999h"],
    ["1", "-1s", "1 s", "1d", "inf"],
  );
}

/** Header names, most of which are plain. */
export function headerName(draw: Draw): string {
  return draw.value(
    ["x-a", "X-A", "x-b", "X-Long-Name", "accept", "Host"],
    ["x_a", "x a", ":path", "ü", "x-a:", "Host", "host"],
    [""],
  );
}

const values = ["1", "on", "50%", "%REQ(x-a)%", "%CONTOUR_NAMESPACE%", "%HOSTNAME%", "a b"];

/** Headers that are set and removed; `host` at times among them. */
export function headersPolicy(draw: Draw): Fields {
  return {
    ...draw.maybe(
      0.8,
      "set",
      () => draw.some(2, () => ({ name: headerName(draw), value: draw.of(values) })),
    ),
    ...draw.maybe(
      0.4,
      "remove",
      () =>
        draw.some(
          2,
          () => draw.value(["x-c", "X-D", "server"], ["x_c", "x-c", "X-C", "x c", "", "Host"]),
        ),
    ),
  };
}

/** Cookies whose attributes are rewritten. */
export function cookieRewrites(draw: Draw): readonly Fields[] {
  return draw.some(2, () => ({
    name: draw.value(["session", "cart", "Session"], ["session"], ["a b", ""]),
    ...(draw.errs() ? {} : { secure: true }),
    ...draw.maybe(0.2, "sameSite", () => draw.value(["Strict", "Lax", "None"], [], ["none"])),
    ...draw.maybe(0.2, "pathRewrite", () => ({ value: "/p" })),
    ...draw.maybe(
      0.2,
      "domainRewrite",
      () => ({ value: draw.value(["d.test"], [], ["*.d.test"]) }),
    ),
  }));
}

/** Limits of a host or a route. */
export function rateLimitPolicy(draw: Draw): Fields {
  return {
    ...draw.maybe(0.5, "local", () => ({
      requests: draw.value([1, 100], [], [0]),
      unit: draw.value(["second", "minute", "hour"], [], ["day"]),
      ...draw.maybe(0.3, "burst", () => draw.below(10)),
      ...draw.maybe(0.3, "responseStatusCode", () => draw.value([400, 429, 503], [], [200])),
      ...draw.maybe(
        0.4,
        "responseHeadersToAdd",
        () =>
          draw.some(2, () => ({
            name: draw.value(["x-a", "X-Limit"], ["x_a", "X-A", "x-a", "Host"]),
            value: draw.of(values),
          })),
      ),
    })),
    ...draw.maybe(0.6, "global", () => ({
      ...draw.maybe(0.2, "disabled", () => true),
      ...draw.maybe(
        0.8,
        "descriptors",
        () => draw.some(2, () => ({ entries: draw.some(2, () => descriptorEntry(draw)) })),
      ),
    })),
  };
}

function descriptorEntry(draw: Draw): Fields {
  const entries: readonly Fields[] = [
    { genericKey: { value: "g" } },
    { genericKey: { key: "k", value: "g" } },
    { remoteAddress: {} },
    { requestHeader: { headerName: "x-a", descriptorKey: "a" } },
    {
      requestHeaderValueMatch: {
        value: "v",
        headers: [{ name: "x-a", [draw.of(["exact", "contains", "notexact"])]: "1" }],
      },
    },
  ];
  const entry = draw.of(entries);
  if (!draw.errs()) return entry;
  return draw.chance(0.5) ? {} : { ...draw.of(entries), ...entry };
}

/** Addresses that may come, or may not. */
export function addressFilter(draw: Draw): readonly Fields[] {
  return draw.some(3, () => ({
    source: draw.of(["Peer", "Remote"]),
    cidr: draw.value(
      ["10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32", "0.0.0.0/0", "10.1.2.3/8"],
      ["10.0.0/8", "10.0.0.0/33", "::/129", "localhost", "", "10.0.0.0/", "1.2.3.4.5", "a:b"],
    ),
  }));
}

/** Either kind of {@link addressFilter}, both being a mistake. */
export function addressPolicies(draw: Draw): Fields {
  const name = draw.of(["ipAllowPolicy", "ipDenyPolicy"]);
  if (draw.errs()) {
    return { ipAllowPolicy: addressFilter(draw), ipDenyPolicy: addressFilter(draw) };
  }
  return { [name]: addressFilter(draw) };
}

/** How requests are spread. */
export function loadBalancerPolicy(draw: Draw): Fields {
  return {
    strategy: draw.of([
      "RoundRobin",
      "WeightedLeastRequest",
      "Random",
      "Cookie",
      "RequestHash",
      "RequestHash",
      "RequestHash",
      "odd",
      "",
    ]),
    ...draw.maybe(0.7, "requestHashPolicies", () => draw.some(3, () => hashPolicy(draw))),
  };
}

function hashPolicy(draw: Draw): Fields {
  const policies: readonly Fields[] = [
    { hashSourceIP: true },
    {
      headerHashOptions: {
        headerName: draw.value(["x-a", "X-Other"], ["x_a", "x a", "X-A", "ü"]),
      },
    },
    { queryParameterHashOptions: { parameterName: draw.value(["q", "r"], ["Q", "Q r"]) } },
  ];
  const terminal = draw.maybe(0.3, "terminal", () => true);
  const policy = draw.of(policies);
  if (!draw.errs()) return { ...terminal, ...policy };
  return { ...terminal, ...(draw.chance(0.5) ? {} : { ...policy, ...draw.of(policies) }) };
}

/** What the certificate of a Service is checked by. */
export function upstreamValidation(draw: Draw, namespaces: readonly string[]): Fields {
  const subjectName = draw.value(["a.test", "b.test"], [], [""]);
  return {
    caSecret: caReference(draw, namespaces),
    subjectName,
    ...draw.maybe(
      0.3,
      "subjectNames",
      () => draw.value([[subjectName, "c.test"]], [], [["other.test", subjectName], []]),
    ),
  };
}

/** Which origins may ask. */
export function corsPolicy(draw: Draw): Fields {
  return {
    allowOrigin: draw.some(2, () =>
      draw.value(
        [
          "*",
          "https://a.test",
          "http://a.test:8080",
          "https://[a-z]+\\.test",
          ".*",
          "HTTP://B.test",
        ],
        ["(", "[", "*.a.test", "https://a.test/(", "?", "a**"],
      )),
    allowMethods: draw.some(2, () => draw.value(["GET", "POST", "*"], [], ["", "GET POST"])),
    ...draw.maybe(0.3, "allowHeaders", () => ["x-a"]),
    ...draw.maybe(0.3, "exposeHeaders", () => ["x-a"]),
    ...draw.maybe(
      0.5,
      "maxAge",
      () => draw.value(["10m", "0", "0s", "1.5s"], ["s", ".s", "1h.m", "h"], ["-1m", "1"]),
    ),
    ...draw.maybe(0.2, "allowCredentials", () => true),
    ...draw.maybe(0.2, "allowPrivateNetwork", () => true),
  };
}

/** How long to wait for what. */
export function timeoutPolicy(draw: Draw): Fields {
  return {
    ...draw.maybe(0.6, "response", () => timeout(draw)),
    ...draw.maybe(0.4, "idle", () => timeout(draw)),
    ...draw.maybe(0.4, "idleConnection", () => timeout(draw)),
  };
}

/** How to ask whether a Service is well. */
export function healthCheck(draw: Draw): Fields {
  return {
    path: draw.value(["/health", "/"], ["health"]),
    ...draw.maybe(0.3, "host", () => draw.value(["a.test"], [""])),
    ...draw.maybe(0.3, "intervalSeconds", () => draw.value([5], [0, -1])),
    ...draw.maybe(0.3, "timeoutSeconds", () => draw.value([5], [0, -1])),
    ...draw.maybe(0.3, "unhealthyThresholdCount", () => draw.value([3], [0], [-1])),
    ...draw.maybe(0.3, "healthyThresholdCount", () => draw.value([3], [0], [-1])),
    ...draw.maybe(0.4, "expectedStatuses", () =>
      draw.some(2, () => ({
        start: draw.value([100, 200, 599], [300], [0, 99, 600]),
        end: draw.value([600], [101, 600], [100, 601, 0]),
      }))),
  };
}
