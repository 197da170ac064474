/** The backends and certificates that worlds count on, wherever they are served. */
import {
  type Authority,
  type IssuedCertificate,
  makeAuthority,
  validityAround,
} from "../../../controller/certs/mod.ts";
import { setStage, type Stage } from "../../e2e/stage.ts";
import type { ClientCertificates } from "./ask.ts";
import { surroundings } from "./surroundings.ts";

/** A stage with more certificates. */
export interface WideStage extends AsyncDisposable {
  /** Services, Secrets and what else worlds have in common, as YAML. */
  readonly surroundings: string;
  readonly certificates: ClientCertificates;
}

/** Starts the backends at an address. Manifests name the usual one all the same. */
export async function setWideStage(address?: string): Promise<WideStage> {
  const stage: Stage & AsyncDisposable = await setStage(address);
  const validity = validityAround(new Date(), 30);
  const authority: Authority = await makeAuthority({
    commonName: "Other",
    validity,
    algorithm: "ecdsa",
  });
  const issue = (...dnsNames: string[]): Promise<IssuedCertificate> =>
    authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const second = await issue("second.secure.test", "*.secure.test");
  const fallback = await issue("fallback.secure.test");
  return {
    surroundings: surroundings(stage, { second, fallback }),
    certificates: { known: stage.certificate, unknown: second },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}
