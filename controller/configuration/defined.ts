/** The object without the fields that are undefined. */
export function defined<Result extends object>(fields: Optional<Result>): Result {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Result;
}

type Optional<Result> = { readonly [Key in keyof Result]: Result[Key] | undefined };
