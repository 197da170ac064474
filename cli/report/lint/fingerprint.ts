import { createHash } from "node:crypto";
import { keyId } from "../../../controller/api/mod.ts";
import type { Finding } from "../../../lint/mod.ts";

/**
 * Fingerprints that stay as they are while lines move: of the code, the object, the path and the
 * message. Equal ones are told apart by their order.
 */
export function fingerprints(findings: readonly Finding[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map(({ code, object, path, position, message }) => {
    const substance = JSON.stringify([
      code,
      object === undefined ? position?.file : keyId(object),
      path,
      message,
    ]);
    const count = seen.get(substance) ?? 0;
    seen.set(substance, count + 1);
    return createHash("sha256").update(`${substance} ${count}`).digest("hex").slice(0, 32);
  });
}
