import { InvalidArgumentError } from "commander";

/** Makes a parser of ours one of commander's, which reports what the parser throws. */
export function parsed<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** A whole number, 0 or more. Throws a `RangeError` that says so. */
export function parseCount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RangeError("A whole number is needed, 0 or more");
}
