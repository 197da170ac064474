/** A message of Envoy's API as plain data; `@type` names it where several kinds may stand. */
export type Message = { readonly [field: string]: unknown };
