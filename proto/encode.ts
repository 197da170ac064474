/** Messages to bytes, by a plan per message type that is made once. */
import protobuf from "protobufjs";
import { isMessageType, messageType } from "./descriptors.ts";
import { type AnyMessage, isMessage, type Message, typeName, typeUrl } from "./message.ts";
import { joinPath, step } from "./path.ts";

/**
 * The bytes of a message. The same fields give the same bytes, in whatever order they were
 * written: fields go by number, map entries by key (in the order of UTF-16 units).
 *
 * Throws an `EncodeError` with the path of what is wrong: an unknown field, a value of another
 * type, a number out of range, an unknown enum name, two members of one oneof. Such a message is a
 * mistake of ours; what users got wrong is found by `check` before.
 */
export function encode(fullName: string, message: Message): Uint8Array {
  try {
    writeMessage(planOf(messageType(fullName)), message, writer.reset());
    // A copy of our own size: a view would keep the whole buffer alive and change with it.
    return writer.finish(true).slice();
  } catch (error) {
    writer = new protobuf.Writer(); // an interrupted one has forks left open
    throw error instanceof EncodeError ? error.inside(fullName) : error;
  }
}

/**
 * Encodes a message for use in an `Any` field of others, so that what many messages share is
 * encoded once.
 */
export function encodeAny(fullName: string, message: Message): AnyMessage {
  return { "@type": fullName, "@bytes": encode(fullName, message) };
}

/**
 * The bytes of a message whose repeated field is encoded already: `head`, which holds the other
 * fields, and then `bodies` as the elements of `field`. So a `RouteConfiguration` is put together
 * from virtual hosts without encoding them again. Where `head` holds elements of the field itself,
 * `bodies` follow them.
 */
export function appendRepeated(
  head: Uint8Array,
  parentFullName: string,
  field: string,
  bodies: readonly Uint8Array[],
): Uint8Array {
  const { id } = repeatedMessageField(parentFullName, field);
  const tag = id << 3 | 2;
  let size = head.length;
  for (const { length } of bodies) size += varintSize(tag) + varintSize(length) + length;
  const all = new Uint8Array(size);
  all.set(head);
  let position = head.length;
  for (const body of bodies) {
    position = putVarint(all, position, tag);
    position = putVarint(all, position, body.length);
    all.set(body, position);
    position += body.length;
  }
  return all;
}

/** A message that does not fit its type. */
export class EncodeError extends TypeError {
  override name = "EncodeError";

  constructor(
    /** Where in the message: `virtualHosts[0].routes`, empty for the message itself. */
    readonly path: string,
    /** What is wrong there, in words. */
    readonly reason: string,
  ) {
    super(path === "" ? reason : `${path}: ${reason}`);
  }

  /** The same error with the message type named. */
  inside(fullName: string): EncodeError {
    this.message = `Cannot encode ${fullName}: ${this.message}`;
    return this;
  }
}

let writer = new protobuf.Writer();

interface FieldPlan {
  readonly id: number;
  /** A bit per oneof of the message; 0 for fields of none. */
  readonly oneof: number;
  readonly write: (value: unknown, writer: protobuf.Writer) => void;
}

interface Plan {
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** Instead of `fields` for an `Any`. */
  readonly any: boolean;
}

const plans = new Map<protobuf.Type, Plan>();

function planOf(type: protobuf.Type): Plan {
  const known = plans.get(type);
  if (known) return known;
  const oneofs = type.oneofsArray;
  const fields = new Map(type.fieldsArray.map((field) => {
    const oneof = field.partOf ? 1 << oneofs.indexOf(field.partOf) : 0;
    return [field.name, { id: field.id, oneof, write: fieldWriter(field) }];
  }));
  const plan = { fields, any: type.fullName === ".google.protobuf.Any" };
  plans.set(type, plan);
  return plan;
}

function writeMessage(plan: Plan, message: unknown, writer: protobuf.Writer): void {
  if (!isMessage(message)) throw new EncodeError("", `must be a message, not ${shown(message)}`);
  if (plan.any) return writeAny(message, writer);
  const names: string[] = [];
  let ordered = true;
  let last = 0;
  let oneofs = 0;
  for (const name of Object.keys(message)) {
    if (message[name] === undefined) continue;
    const field = plan.fields.get(name);
    if (!field) {
      if (name === "@type") continue;
      throw new EncodeError(name, "no such field");
    }
    if (oneofs & field.oneof) throw new EncodeError(name, "another member of its oneof is set too");
    oneofs |= field.oneof;
    if (field.id < last) ordered = false;
    last = field.id;
    names.push(name);
  }
  const number = (name: string) => plan.fields.get(name)?.id ?? 0;
  if (!ordered) names.sort((a, b) => number(a) - number(b));
  for (const name of names) {
    try {
      plan.fields.get(name)?.write(message[name], writer);
    } catch (error) {
      throw at(name, error);
    }
  }
}

function writeAny(message: Message, writer: protobuf.Writer): void {
  const type = message["@type"];
  if (typeof type !== "string" || type === "") {
    throw new EncodeError("@type", "must name the message that the Any holds");
  }
  const name = typeName(type);
  writer.uint32(1 << 3 | 2).string(typeUrl(name));
  const bytes = message["@bytes"];
  if (bytes instanceof Uint8Array) {
    const extra = Object.keys(message).find((key) => key !== "@type" && key !== "@bytes");
    if (extra) throw new EncodeError(extra, "a field beside @bytes");
    if (bytes.length > 0) writer.uint32(2 << 3 | 2).bytes(bytes);
    return;
  }
  if (bytes !== undefined) throw new EncodeError("@bytes", `must be bytes, not ${shown(bytes)}`);
  if (!isMessageType(name)) throw new EncodeError("@type", `no such message "${name}"`);
  writer.uint32(2 << 3 | 2).fork();
  writeMessage(planOf(messageType(name)), message, writer);
  writer.ldelim();
}

type ValueWriter = (value: unknown, writer: protobuf.Writer) => void;

function fieldWriter(field: protobuf.Field): ValueWriter {
  field.resolve();
  if (field instanceof protobuf.MapField) return mapWriter(field);
  if (field.repeated) return listWriter(field);
  const write = valueWriter(field.type, field.resolvedType);
  const tag = field.id << 3 | wireType(field.type, field.resolvedType);
  // Outside of a oneof a scalar has no presence in proto3: its zero is the same as its absence.
  const zeros = field.partOf ? [] : zerosOf(field.type, field.resolvedType);
  return (value, writer) => {
    if (zeros.includes(value)) return;
    if (value instanceof Uint8Array && value.length === 0 && !field.partOf) return;
    write(value, writer.uint32(tag));
  };
}

/** The ways to write the zero of a scalar, none for messages. */
function zerosOf(type: string, resolved: protobuf.Type | protobuf.Enum | null): unknown[] {
  if (resolved instanceof protobuf.Enum) return [0, resolved.valuesById[0]];
  if (resolved || type === "bytes") return [];
  if (type === "string") return [""];
  if (type === "bool") return [false];
  return type.endsWith("64") ? [0, "0"] : [0];
}

function listWriter(field: protobuf.Field): ValueWriter {
  const write = valueWriter(field.type, field.resolvedType);
  const wire = wireType(field.type, field.resolvedType);
  // `field.packed` is what proto3 asks for, also where texts and messages cannot follow it.
  const packed = field.packed && wire !== 2;
  const tag = field.id << 3 | (packed ? 2 : wire);
  return (value, writer) => {
    if (!Array.isArray(value)) throw new EncodeError("", `must be a list, not ${shown(value)}`);
    if (value.length === 0) return;
    if (packed) writer.uint32(tag).fork();
    for (let index = 0; index < value.length; index++) {
      try {
        write(value[index], packed ? writer : writer.uint32(tag));
      } catch (error) {
        throw at(step(index), error);
      }
    }
    if (packed) writer.ldelim();
  };
}

function mapWriter(field: protobuf.MapField): ValueWriter {
  const writeKey = valueWriter(field.keyType, null);
  const keyTag = 1 << 3 | wireType(field.keyType, null);
  const keyOf = field.keyType === "string" ? (key: string) => key : (key: string) => Number(key);
  const writeValue = valueWriter(field.type, field.resolvedType);
  const valueTag = 2 << 3 | wireType(field.type, field.resolvedType);
  const tag = field.id << 3 | 2;
  return (value, writer) => {
    if (!isMessage(value)) throw new EncodeError("", `must be a map, not ${shown(value)}`);
    for (const key of Object.keys(value).sort()) {
      if (value[key] === undefined) continue;
      try {
        writer.uint32(tag).fork();
        writeKey(keyOf(key), writer.uint32(keyTag));
        writeValue(value[key], writer.uint32(valueTag));
        writer.ldelim();
      } catch (error) {
        throw at(step(key), error);
      }
    }
  };
}

/** Writes one value without its tag. */
function valueWriter(type: string, resolved: protobuf.Type | protobuf.Enum | null): ValueWriter {
  if (resolved instanceof protobuf.Enum) return enumWriter(resolved);
  if (resolved) {
    return (value, writer) => {
      writer.fork();
      writeMessage(planOf(resolved), value, writer);
      writer.ldelim();
    };
  }
  const write = scalars[type];
  if (!write) throw new RangeError(`No way to write a "${type}"`);
  return write;
}

function enumWriter({ values, fullName }: protobuf.Enum): ValueWriter {
  return (value, writer) => {
    const number = typeof value === "string" ? values[value] : value;
    if (typeof number !== "number" || !Number.isInteger(number)) {
      throw new EncodeError("", `must be a value of ${fullName.slice(1)}, not ${shown(value)}`);
    }
    writer.int32(number);
  };
}

const scalars: Readonly<Record<string, ValueWriter>> = {
  string: (value, writer) => {
    if (typeof value !== "string") throw new EncodeError("", `must be text, not ${shown(value)}`);
    if (!value.isWellFormed()) throw new EncodeError("", "must be well-formed Unicode");
    writer.string(value);
  },
  bytes: (value, writer) => {
    if (!(value instanceof Uint8Array)) {
      throw new EncodeError("", `must be bytes, not ${shown(value)}`);
    }
    writer.bytes(value);
  },
  bool: (value, writer) => {
    if (typeof value !== "boolean") {
      throw new EncodeError("", `must be true or false, not ${shown(value)}`);
    }
    writer.bool(value);
  },
  double: (value, writer) => writer.double(number(value)),
  float: (value, writer) => writer.float(number(value)),
  uint32: (value, writer) => writer.uint32(integer(value, 0, 0xffff_ffff)),
  int32: (value, writer) => writer.int32(integer(value, -0x8000_0000, 0x7fff_ffff)),
  sint32: (value, writer) => writer.sint32(integer(value, -0x8000_0000, 0x7fff_ffff)),
  fixed32: (value, writer) => writer.fixed32(integer(value, 0, 0xffff_ffff)),
  sfixed32: (value, writer) => writer.sfixed32(integer(value, -0x8000_0000, 0x7fff_ffff)),
  uint64: (value, writer) => writer.uint64(long(value, 0n, 2n ** 64n - 1n)),
  int64: (value, writer) => writer.int64(long(value, -(2n ** 63n), 2n ** 63n - 1n)),
  sint64: (value, writer) => writer.sint64(long(value, -(2n ** 63n), 2n ** 63n - 1n)),
  fixed64: (value, writer) => writer.fixed64(long(value, 0n, 2n ** 64n - 1n)),
  sfixed64: (value, writer) => writer.sfixed64(long(value, -(2n ** 63n), 2n ** 63n - 1n)),
};

function number(value: unknown): number {
  if (typeof value === "number") return value;
  throw new EncodeError("", `must be a number, not ${shown(value)}`);
}

function integer(value: unknown, low: number, high: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) {
    return value;
  }
  throw new EncodeError("", `must be an integer from ${low} to ${high}, not ${shown(value)}`);
}

function long(value: unknown, low: bigint, high: bigint): number | string {
  if (typeof value === "number" && Number.isSafeInteger(value) && (value >= 0 || low < 0n)) {
    return value;
  }
  if (typeof value === "string" && /^(0|-?[1-9][0-9]{0,19})$/.test(value)) {
    const exact = BigInt(value);
    // As two's complement, since the writer reads text as a signed number.
    if (exact >= low && exact <= high) return BigInt.asIntN(64, exact).toString();
  }
  throw new EncodeError("", `must be an integer from ${low} to ${high}, not ${shown(value)}`);
}

function wireType(type: string, resolved: protobuf.Type | protobuf.Enum | null): number {
  if (resolved instanceof protobuf.Enum) return 0;
  if (resolved) return 2;
  const wire = (protobuf.types.basic as Readonly<Record<string, number>>)[type];
  if (wire === undefined) throw new RangeError(`No way to write a "${type}"`);
  return wire;
}

function at(segment: string, error: unknown): unknown {
  if (!(error instanceof EncodeError)) return error;
  return new EncodeError(joinPath(segment, error.path), error.reason);
}

/** A value for a message to people: short, and never the contents of bytes. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(value).slice(0, 80) : String(value);
}

function repeatedMessageField(parentFullName: string, name: string): protobuf.Field {
  const field = messageType(parentFullName).fields[name]?.resolve();
  if (field?.repeated && field.resolvedType instanceof protobuf.Type) return field;
  throw new RangeError(`"${name}" is no repeated message of ${parentFullName}`);
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}

function putVarint(into: Uint8Array, position: number, value: number): number {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) into[position++] = rest % 128 | 128;
  into[position++] = rest;
  return position;
}
