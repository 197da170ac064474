/**
 * How we write Envoy's messages down: plain objects, no classes.
 *
 * - Fields have their camelCase names; a field that is absent or `undefined` is not sent.
 * - Enums are given by name (`"ROUND_ROBIN"`), or by number where the name is not known.
 * - 64-bit integers are numbers while they are safe ones, else decimal strings.
 * - `bytes` are `Uint8Array`s; maps are objects; lists are arrays.
 * - Wrappers are written out: `{ value: 5 }`. See `duration` and `struct` for two more.
 * - An `Any` is the message it holds with its type beside the fields, as in `AnyMessage`.
 */
export type Message = { readonly [field: string]: unknown };

/**
 * What stands in a field of type `google.protobuf.Any`: the full name of a message and its fields,
 * `{ "@type": "envoy.extensions.filters.http.router.v3.Router" }`, or the bytes of the message
 * where it is encoded already or not known to us: `{ "@type": "…", "@bytes": bytes }`.
 */
export type AnyMessage = Message & { readonly "@type": string; readonly "@bytes"?: Uint8Array };

const urlPrefix = "type.googleapis.com/";

/** The type URL of a message: `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
export function typeUrl(fullName: string): string {
  return urlPrefix + fullName;
}

/** The full name of the message that a type URL means; a full name is answered as it is. */
export function typeName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** Whether the value is an object with fields, so neither a list nor bytes. */
export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}

/**
 * A `google.protobuf.Duration` of so many milliseconds. Fractions are kept down to a nanosecond.
 * Throws a `RangeError` where the number is not finite.
 */
export function duration(ms: number): { readonly seconds: number; readonly nanos: number } {
  if (!Number.isFinite(ms)) throw new RangeError(`Cannot express ${ms} ms as a Duration`);
  let seconds = Math.trunc(ms / 1000);
  let nanos = Math.round((ms - seconds * 1000) * 1e6);
  if (Math.abs(nanos) === 1e9) {
    seconds += Math.sign(nanos);
    nanos = 0;
  }
  return { seconds: seconds + 0, nanos: nanos + 0 }; // + 0 makes a zero of a minus zero
}

/** What a `google.protobuf.Struct` can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** A `google.protobuf.Struct` with the given members. Members that are `undefined` are left out. */
export function struct(members: { readonly [key: string]: Json | undefined }): Message {
  const fields: Record<string, Message> = {};
  for (const [key, value] of Object.entries(members)) {
    if (value !== undefined) fields[key] = structValue(value);
  }
  return { fields };
}

/** A `google.protobuf.Value`, as the members of a `struct` are. */
export function structValue(json: Json): Message {
  switch (typeof json) {
    case "string":
      return { stringValue: json };
    case "number":
      return { numberValue: json };
    case "boolean":
      return { boolValue: json };
    case "object":
      if (json === null) return { nullValue: "NULL_VALUE" };
      return isList(json)
        ? { listValue: { values: json.map(structValue) } }
        : { structValue: struct(json) };
  }
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
