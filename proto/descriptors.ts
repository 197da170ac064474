/** Envoy's message types, loaded from what `generate.ts` made. */
import protobuf from "protobufjs";
import descriptors from "./gen/envoy.json" with { type: "json" };

const root = protobuf.Root.fromJSON(descriptors);
root.resolveAll();

const types = new Map<string, protobuf.Type>();

/**
 * The descriptor of a message, by its full name (`envoy.config.cluster.v3.Cluster`).
 * Throws a `RangeError` for one that is not listed in `messages.ts`, nor used by one that is.
 */
export function messageType(fullName: string): protobuf.Type {
  const known = types.get(fullName);
  if (known) return known;
  const found = root.lookup(`.${fullName}`);
  if (!(found instanceof protobuf.Type)) {
    throw new RangeError(`Unknown message type "${fullName}": add it to proto/messages.ts`);
  }
  types.set(fullName, found);
  return found;
}

/** Whether `messageType` knows the message. */
export function isMessageType(fullName: string): boolean {
  return root.lookup(`.${fullName}`) instanceof protobuf.Type;
}
