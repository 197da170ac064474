/** Takes any text for a certificate, an authority, a list of revocations. */
import type { KeyPairResult } from "../../../controller/graph/certificate.ts";

export type * from "../../../controller/graph/certificate.ts";

export function keyPair(_chain: string, _key: string): KeyPairResult {
  return { ok: true, facts: { notBeforeMs: 0, notAfterMs: Infinity } };
}

export function caBundleProblem(_pem: string): undefined {
  return undefined;
}

export function revocationListProblem(_pem: string): undefined {
  return undefined;
}

export function plainPem(text: string): string {
  return text;
}
