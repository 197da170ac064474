/** Messages in the JSON form that people and Envoy's own files use. */
import protobuf from "protobufjs";
import { decode } from "./decode.ts";
import { isMessageType, messageType } from "./descriptors.ts";
import { isMessage, type Json, type Message, typeName, typeUrl } from "./message.ts";

/**
 * The message as [proto3 JSON](https://protobuf.dev/programming-guides/json/) with the field names
 * of the .proto files (`route_config_name`), as Envoy's documentation and `config_dump` have it:
 * durations are `"1.500s"`, wrappers and structs are their values, bytes are base64, and an `Any`
 * shows its type URL as `@type`.
 *
 * The message must be one that `encode` takes; unknown fields are left out.
 */
export function toJson(fullName: string, message: Message): Json {
  return messageJson(messageType(fullName), message);
}

function messageJson(type: protobuf.Type, value: unknown): Json {
  if (!isMessage(value)) return null;
  const wellKnown = wellKnownTypes[type.fullName];
  if (wellKnown) return wellKnown(value);
  const json: Record<string, Json> = {};
  for (const field of type.fieldsArray) {
    const part = value[field.name];
    if (part === undefined) continue;
    json[field.protoName ?? field.name] = fieldJson(field.resolve(), part);
  }
  return json;
}

function fieldJson(field: protobuf.Field, value: unknown): Json {
  if (field.repeated && Array.isArray(value)) return value.map((each) => valueJson(field, each));
  if (field instanceof protobuf.MapField && isMessage(value)) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    entries.sort(([a], [b]) => a < b ? -1 : 1);
    return Object.fromEntries(entries.map(([key, each]) => [key, valueJson(field, each)]));
  }
  return valueJson(field, value);
}

function valueJson({ resolvedType }: protobuf.Field, value: unknown): Json {
  if (resolvedType instanceof protobuf.Type) return messageJson(resolvedType, value);
  if (resolvedType instanceof protobuf.Enum && typeof value === "number") {
    return resolvedType.valuesById[value] ?? value;
  }
  return scalarJson(value);
}

function scalarJson(value: unknown): Json {
  if (value instanceof Uint8Array) return value.toBase64();
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value); // "NaN", "Infinity"
    default:
      return null;
  }
}

const wellKnownTypes: Readonly<Record<string, (message: Message) => Json>> = {
  ".google.protobuf.Any": anyJson,
  ".google.protobuf.Duration": durationJson,
  ".google.protobuf.Struct": structJson,
  ".google.protobuf.Value": jsonOfValue,
  ".google.protobuf.ListValue": listJson,
  ".google.protobuf.BoolValue": ({ value }) => value === true,
  ".google.protobuf.StringValue": ({ value }) => scalarJson(value ?? ""),
  ".google.protobuf.BytesValue": ({ value }) => scalarJson(value ?? ""),
  ".google.protobuf.UInt32Value": ({ value }) => scalarJson(value ?? 0),
  ".google.protobuf.Int32Value": ({ value }) => scalarJson(value ?? 0),
  ".google.protobuf.UInt64Value": ({ value }) => scalarJson(value ?? 0),
  ".google.protobuf.Int64Value": ({ value }) => scalarJson(value ?? 0),
  ".google.protobuf.DoubleValue": ({ value }) => scalarJson(value ?? 0),
  ".google.protobuf.FloatValue": ({ value }) => scalarJson(value ?? 0),
};

function anyJson(message: Message): Json {
  const name = typeName(String(message["@type"] ?? ""));
  const bytes = message["@bytes"];
  if (!isMessageType(name)) return { "@type": typeUrl(name), value: scalarJson(bytes) };
  const content = bytes instanceof Uint8Array ? decode(name, bytes) : message;
  const json = messageJson(messageType(name), content);
  const plain = typeof json === "object" && json !== null && !(`.${name}` in wellKnownTypes);
  return plain ? { "@type": typeUrl(name), ...json } : { "@type": typeUrl(name), value: json };
}

function durationJson({ seconds = 0, nanos = 0 }: Message): Json {
  const sign = Number(seconds) < 0 || Number(nanos) < 0 ? "-" : "";
  const whole = String(seconds).replace("-", "");
  const digits = String(Math.abs(Number(nanos))).padStart(9, "0");
  // Three, six or nine digits, as the standard says.
  const fraction = digits.replace(/(000)+$/, "");
  return `${sign}${whole}${fraction ? `.${fraction}` : ""}s`;
}

function structJson({ fields }: Message): Json {
  if (!isMessage(fields)) return {};
  const entries = Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => isMessage(value) ? [[key, jsonOfValue(value)]] : []),
  );
}

function listJson({ values }: Message): Json {
  return Array.isArray(values) ? values.map((value) => jsonOfValue(value)) : [];
}

function jsonOfValue(value: Message): Json {
  const { stringValue, numberValue, boolValue, structValue, listValue } = value;
  if (isMessage(structValue)) return structJson(structValue);
  if (isMessage(listValue)) return listJson(listValue);
  return scalarJson(stringValue ?? numberValue ?? boolValue);
}
