/** Bytes to messages, for tests, goldens and what Envoy sends us. */
import protobuf from "protobufjs";
import { isMessageType, messageType } from "./descriptors.ts";
import { type AnyMessage, type Message, typeName } from "./message.ts";

/**
 * The message in `body`, as `encode` takes it. Fields that are not in the bytes are not in the
 * message either; fields that we do not know are passed over, since Envoy may be newer than we
 * are. An `Any` of an unknown type keeps its bytes.
 *
 * Throws an `Error` where `body` is no message.
 */
export function decode(fullName: string, body: Uint8Array): Message {
  try {
    return readMessage(messageType(fullName), new protobuf.Reader(body), body.length);
  } catch (cause) {
    if (cause instanceof RangeError && isMessageType(fullName)) {
      throw new Error(`Cannot decode ${fullName}: the bytes end too early`, { cause });
    }
    throw cause;
  }
}

type ValueReader = (reader: protobuf.Reader) => unknown;

interface FieldPlan {
  readonly name: string;
  readonly read: (message: Record<string, unknown>, reader: protobuf.Reader, wire: number) => void;
}

const plans = new Map<protobuf.Type, ReadonlyMap<number, FieldPlan>>();

function planOf(type: protobuf.Type): ReadonlyMap<number, FieldPlan> {
  const known = plans.get(type);
  if (known) return known;
  const plan = new Map(type.fieldsArray.map((field) => [field.id, fieldPlan(field.resolve())]));
  plans.set(type, plan);
  return plan;
}

function readMessage(type: protobuf.Type, reader: protobuf.Reader, end: number): Message {
  const plan = planOf(type);
  const message: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = plan.get(tag >>> 3);
    if (field) field.read(message, reader, tag & 7);
    else reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError("A field reaches beyond its message");
  return type.fullName === ".google.protobuf.Any" ? anyMessage(message) : message;
}

function anyMessage({ type_url: url, value }: Message): AnyMessage {
  // protobufjs brings its own descriptor of Any, whose fields are in snake_case.
  const name = typeName(typeof url === "string" ? url : "");
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  if (!isMessageType(name)) return { "@type": name, "@bytes": bytes };
  return { "@type": name, ...decode(name, bytes) };
}

function fieldPlan(field: protobuf.Field): FieldPlan {
  const { name } = field;
  if (field instanceof protobuf.MapField) return { name, read: mapReader(field) };
  const read = valueReader(field.type, field.resolvedType);
  if (!field.repeated) {
    // Of a oneof the last member on the wire holds.
    const others = field.partOf?.oneof.filter((other) => other !== name) ?? [];
    return {
      name,
      read: (message, reader) => {
        for (const other of others) delete message[other];
        message[name] = read(reader);
      },
    };
  }
  const packable = !(field.resolvedType instanceof protobuf.Type) &&
    field.type !== "string" && field.type !== "bytes";
  return {
    name,
    read: (message, reader, wire) => {
      const list = listOf(message, name);
      if (packable && wire === 2) {
        const end = reader.uint32() + reader.pos;
        while (reader.pos < end) list.push(read(reader));
      } else list.push(read(reader));
    },
  };
}

function listOf(message: Record<string, unknown>, name: string): unknown[] {
  const present = message[name];
  if (Array.isArray(present)) return present;
  const list: unknown[] = [];
  message[name] = list;
  return list;
}

function mapReader(field: protobuf.MapField): FieldPlan["read"] {
  const readKey = valueReader(field.keyType, null);
  const readValue = valueReader(field.type, field.resolvedType);
  return (message, reader) => {
    const end = reader.uint32() + reader.pos;
    let key: unknown = field.keyType === "string" ? "" : 0;
    let value: unknown = field.resolvedType instanceof protobuf.Type ? {} : undefined;
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) key = readKey(reader);
      else if (tag >>> 3 === 2) value = readValue(reader);
      else reader.skipType(tag & 7);
    }
    // Not by assignment: a key may be "__proto__".
    const entry = [String(key), value ?? zeroOf(field.type)] as const;
    message[field.name] = Object.fromEntries([...Object.entries(message[field.name] ?? {}), entry]);
  };
}

function zeroOf(type: string): unknown {
  return type === "string" ? "" : type === "bool" ? false : type === "bytes" ? new Uint8Array() : 0;
}

/** Reads one value without its tag. */
function valueReader(type: string, resolved: protobuf.Type | protobuf.Enum | null): ValueReader {
  if (resolved instanceof protobuf.Enum) {
    return (reader) => {
      const number = reader.int32();
      return resolved.valuesById[number] ?? number;
    };
  }
  if (resolved) {
    return (reader) => {
      const length = reader.uint32();
      return readMessage(resolved, reader, reader.pos + length);
    };
  }
  const read = scalars[type];
  if (!read) throw new RangeError(`No way to read a "${type}"`);
  return read;
}

const scalars: Readonly<Record<string, ValueReader>> = {
  string: (reader) => reader.string(),
  bytes: (reader) => reader.bytes().slice(),
  bool: (reader) => reader.bool(),
  double: (reader) => reader.double(),
  float: (reader) => reader.float(),
  uint32: (reader) => reader.uint32(),
  int32: (reader) => reader.int32(),
  sint32: (reader) => reader.sint32(),
  fixed32: (reader) => reader.fixed32(),
  sfixed32: (reader) => reader.sfixed32(),
  uint64: (reader) => long(reader.uint64()),
  int64: (reader) => long(reader.int64()),
  sint64: (reader) => long(reader.sint64()),
  fixed64: (reader) => long(reader.fixed64()),
  sfixed64: (reader) => long(reader.sfixed64()),
};

/** A number while that is exact, else its decimal digits. */
function long(value: number | { toString(): string }): number | string {
  const number = Number(value.toString());
  return Number.isSafeInteger(number) ? number : value.toString();
}
