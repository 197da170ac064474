import { WireWriter } from "../wire/writer.ts";

/** A file of declarations, as `google.protobuf.FileDescriptorProto`. */
export interface FileDescriptor {
  readonly name: string;
  readonly imports: readonly string[];
  /** Full names of what it declares at its outermost level. */
  readonly symbols: readonly string[];
  readonly bytes: Uint8Array;
}

/** A file in words. */
export interface FileDeclaration {
  readonly name: string;
  readonly package: string;
  readonly imports?: readonly string[];
  readonly messages?: Readonly<Record<string, MessageDeclaration>>;
  readonly enums?: Readonly<Record<string, EnumDeclaration>>;
  /** Methods by service; each takes and answers messages, by full name. */
  readonly services?: Readonly<Record<string, Readonly<Record<string, MethodDeclaration>>>>;
}

/** Fields by name, and what is declared within. */
export interface MessageDeclaration {
  readonly fields: Readonly<Record<string, FieldDeclaration>>;
  readonly messages?: Readonly<Record<string, MessageDeclaration>>;
  readonly enums?: Readonly<Record<string, EnumDeclaration>>;
  /** It is the entry of a map. */
  readonly isMapEntry?: boolean;
}

/** Number, and type: a scalar, or `.full.Name`; behind `[]` when it is repeated. */
export type FieldDeclaration = readonly [number: number, type: string, oneof?: string];

/** Numbers by name. */
export type EnumDeclaration = Readonly<Record<string, number>>;

/** The messages of a method. */
export interface MethodDeclaration {
  readonly takes: string;
  readonly answers: string;
  readonly isStream?: "server" | "both";
}

/** Encodes declarations; `enums` are all that fields may be of, by full name with a dot before it. */
export function fileDescriptors(files: readonly FileDeclaration[]): readonly FileDescriptor[] {
  const enums = new Set(files.flatMap((file) => enumsOf(file, `.${file.package}`)));
  return files.map((file) => ({
    name: file.name,
    imports: file.imports ?? [],
    symbols: [...names(file.messages), ...names(file.enums), ...names(file.services)]
      .map((name) => `${file.package}.${name}`),
    bytes: encodeFile(file, enums),
  }));
}

function names(declared: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return Object.keys(declared ?? {});
}

function enumsOf(
  { enums = {}, messages = {} }: Pick<FileDeclaration, "enums" | "messages">,
  within: string,
): readonly string[] {
  return [
    ...Object.keys(enums).map((name) => `${within}.${name}`),
    ...Object.entries(messages).flatMap(([name, message]) => enumsOf(message, `${within}.${name}`)),
  ];
}

function encodeFile(file: FileDeclaration, enums: ReadonlySet<string>): Uint8Array {
  const writer = new WireWriter();
  writer.text(1, file.name).text(2, file.package);
  for (const name of file.imports ?? []) writer.text(3, name);
  for (const [name, message] of Object.entries(file.messages ?? {})) {
    writer.message(4, () => writeMessage(writer, name, message, enums));
  }
  for (const [name, values] of Object.entries(file.enums ?? {})) {
    writer.message(5, () => writeEnum(writer, name, values));
  }
  for (const [name, methods] of Object.entries(file.services ?? {})) {
    writer.message(6, () => writeService(writer, name, methods));
  }
  return writer.text(12, "proto3").finish();
}

function writeMessage(
  writer: WireWriter,
  name: string,
  { fields, messages = {}, enums: ownEnums = {}, isMapEntry = false }: MessageDeclaration,
  enums: ReadonlySet<string>,
): void {
  writer.text(1, name);
  const oneofs = [...new Set(Object.values(fields).map(([, , oneof]) => oneof))]
    .filter((oneof) => oneof !== undefined);
  for (const [fieldName, [number, type, oneof]] of Object.entries(fields)) {
    writer.message(2, () => {
      const single = type.replace("[]", "");
      writer.text(1, fieldName).number(3, number).number(4, type.startsWith("[]") ? 3 : 1);
      const code = scalarTypes[single] ?? (enums.has(single) ? enumType : messageType);
      writer.number(5, code);
      if (scalarTypes[single] === undefined) writer.text(6, single);
      if (oneof !== undefined) {
        const index = oneofs.indexOf(oneof);
        if (index === 0) writer.zero(9);
        else writer.number(9, index);
      }
    });
  }
  for (const [inner, message] of Object.entries(messages)) {
    writer.message(3, () => writeMessage(writer, inner, message, enums));
  }
  for (const [inner, values] of Object.entries(ownEnums)) {
    writer.message(4, () => writeEnum(writer, inner, values));
  }
  if (isMapEntry) writer.message(7, () => writer.number(7, 1));
  for (const oneof of oneofs) writer.message(8, () => writer.text(1, oneof));
}

function writeEnum(writer: WireWriter, name: string, values: EnumDeclaration): void {
  writer.text(1, name);
  for (const [value, number] of Object.entries(values)) {
    writer.message(2, () => {
      writer.text(1, value);
      if (number === 0) writer.zero(2);
      else writer.number(2, number);
    });
  }
}

function writeService(
  writer: WireWriter,
  name: string,
  methods: Readonly<Record<string, MethodDeclaration>>,
): void {
  writer.text(1, name);
  for (const [method, { takes, answers, isStream }] of Object.entries(methods)) {
    writer.message(2, () => {
      writer.text(1, method).text(2, takes).text(3, answers);
      if (isStream === "both") writer.number(5, 1);
      if (isStream !== undefined) writer.number(6, 1);
    });
  }
}

/** https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto */
const scalarTypes: Readonly<Record<string, number>> = {
  double: 1,
  int64: 3,
  uint64: 4,
  int32: 5,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
};
const messageType = 11;
const enumType = 14;
