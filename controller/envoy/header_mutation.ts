import type { HeaderMutation } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";

/** The four header fields that routes and weighted clusters have in common; empty ones left out. */
export function headerMutations(request: HeaderMutation, response: HeaderMutation): Message {
  return {
    ...mutation("requestHeadersTo", request),
    ...mutation("responseHeadersTo", response),
  };
}

/** Whether nothing would change. */
export function changesNothing({ set, remove }: HeaderMutation): boolean {
  return set.length === 0 && remove.length === 0;
}

function mutation(field: string, { set, remove }: HeaderMutation): Message {
  return {
    ...(set.length === 0 ? {} : { [`${field}Add`]: set.map(overwrite) }),
    ...(remove.length === 0 ? {} : { [`${field}Remove`]: remove }),
  };
}

// Values come in Envoy's format language already, so nothing is escaped here.
function overwrite({ name, value }: HeaderMutation["set"][number]): Message {
  return { header: { key: name, value }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" };
}
