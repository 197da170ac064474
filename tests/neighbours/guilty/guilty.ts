/** Something a team applies that must not disturb any other. */
import type { Manifest } from "../../support/cluster/mod.ts";

/** An object that Envoy, or a controller less careful, would not survive. */
export interface Guilty {
  readonly what: string;
  /** All are in the namespace of {@link namespace}; see {@link numbered} for their names. */
  readonly objects: readonly Manifest[];
  readonly told: Told;
  /** What the host answers to `/ok`, which is another rule than the guilty one. Absent: all the same. */
  readonly ok?: number;
  /**
   * What has to be passed to get there: `schema`: our CRD refuses it, as an older or newer one need
   * not; `server`: no API server takes it, so it is in files alone.
   */
  readonly beyond?: "schema" | "server";
}

/** Whom to blame. */
export interface Told {
  /** Kind and name, as in `HTTPProxy odd`. */
  readonly object: string;
  /** The field, or one around it. */
  readonly path: string;
}

/** Where the guilty live, with {@link surroundings} to use. */
export const namespace = "guilty";

/** The host of the guilty one. */
export const fqdn = "odd.guilty.test";

/** An HTTPProxy named `odd`. Whatever bears that name can be there many times: see {@link numbered}. */
export function odd(
  what: string,
  objects: Manifest | readonly Manifest[],
  path: string,
  { object = "HTTPProxy odd", ...rest }: Partial<Omit<Guilty, "told">> & {
    readonly object?: string;
  } = {},
): Guilty {
  const all = Array.isArray(objects) ? objects : [objects];
  return { what, objects: all, told: { object, path }, ...rest };
}

/** The same under other names, so that several can be there at once. */
export function numbered<Value extends object>(value: Value, number: number): Value {
  return renamed(value, `odd${number}`) as Value;
}

/** Whatever bears the name `odd`, alone or with more behind it. */
function renamed(value: unknown, name: string): unknown {
  if (typeof value === "string") return value.replaceAll(/\bodd(?=\b|-)/g, name);
  if (Array.isArray(value)) return value.map((item) => renamed(item, name));
  if (typeof value !== "object" || value === null || value instanceof RegExp) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [field, renamed(item, name)]),
  );
}
