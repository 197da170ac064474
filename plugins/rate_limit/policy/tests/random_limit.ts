/** Limits by chance, the same for the same seed. */
/** Anything that users may write. */
export function randomLimit(random: Random): unknown {
  const some = <T>(...values: readonly T[]) => values.filter(() => random(2) === 0).slice(0, 2);
  const maybe = (value: object) => random(2) === 0 ? value : {};
  const list = (field: string, values: readonly unknown[]) =>
    values.length === 0 ? {} : { [field]: values };
  const by = {
    ...maybe({ clientAddress: { ipv4Prefix: random(33), ipv6Prefix: random(129) } }),
    ...list("requestHeaders", some("x-user", "X-User_2", "x", "x_*")),
    ...list("jwtClaims", some("sub", "https://a.b/c_d").slice(0, 1)),
    ...maybe({ method: true }),
    ...maybe({ route: true }),
    ...maybe({ host: true }),
  };
  const rewritten = {
    ...list("queryParameters", some("q", "q_*)").slice(0, 1)),
    ...maybe({ path: true }),
  };
  const conditions = (headers: boolean) => {
    const condition = {
      ...list("methods", some("GET", "POST")),
      ...list("clientAddresses", some("10.0.0.0/8", "::1", "0.0.0.0/0")),
      ...(headers
        ? {
          ...list("paths", some({ prefix: "/a" }, { exact: "/b.c" }, { pattern: "/d|/e" })),
          ...list("requestHeaders", some({ name: "a", present: false }, { name: "b", equals: "" })),
          ...list("queryParameters", some({ name: "q", pattern: "[0-9]+" })),
        }
        : {}),
    };
    return Object.keys(condition).length === 0 ? undefined : condition;
  };
  const common = (headers: boolean) => ({
    by: { ...by, ...(headers ? rewritten : {}) },
    ...maybe({ missing: ["share", "pass"][random(2)] }),
    ...maybe({ shadow: random(2) === 0 }),
    ...maybe({ when: conditions(headers) }),
    ...maybe({ except: conditions(headers) }),
  });
  const counted = { requests: random(100), unit: ["second", "week", "year"][random(3)] };
  switch (random(5)) {
    case 0:
      return { ...common(false), concurrent: random(10) };
    case 1:
      return { ...common(false), ...counted, cost: { responseHeader: { name: "x-tokens" } } };
    case 2:
      return { ...common(true), ...counted, cost: { requestHeader: { name: "X-Cost" } } };
    case 3:
      return { ...common(true), ...counted, burst: 1 + random(9), unitMultiplier: 1 + random(9) };
    default:
      return { ...common(true), ...counted, algorithm: "sliding_window", cost: { number: 2 } };
  }
}

/** A whole number from 0, below a bound. */
export type Random = (below: number) => number;

/** Always the same numbers. */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
