import { type KubeObject, parseObject, type PolicyKinds } from "../../../controller/api/mod.ts";

/** What a user would write as an API server would hand it on. Throws what it would refuse. */
export function parsed(value: object, policyKinds?: PolicyKinds): KubeObject {
  const result = parseObject(structuredClone(value), { strict: true, policyKinds });
  if (result.kind === "object") return result.object;
  throw new Error(`Cannot use this object: ${JSON.stringify({ value, result })}`);
}
