import type { WireWriter } from "./writer.ts";

/** Writes the fields of a `google.protobuf.Struct`. */
export function writeStruct(writer: WireWriter, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) {
    writer.message(1, () => {
      writer.text(1, name);
      writer.message(2, () => writeValue(writer, value));
    });
  }
}

function writeValue(writer: WireWriter, value: unknown): void {
  switch (typeof value) {
    case "number":
      writer.double(2, value);
      return;
    case "string":
      // An empty text is another value than none.
      if (value === "") writer.bytes(3, new Uint8Array(0));
      else writer.text(3, value);
      return;
    case "boolean":
      if (value) writer.number(4, 1);
      else writer.zero(4);
      return;
    default:
      if (Array.isArray(value)) {
        const items: readonly unknown[] = value;
        writer.message(6, () => {
          for (const item of items) writer.message(1, () => writeValue(writer, item));
        });
      } else if (typeof value === "object" && value !== null) {
        writer.message(5, () => writeStruct(writer, Object.fromEntries(Object.entries(value))));
      } else writer.zero(1);
  }
}
