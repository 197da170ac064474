import {
  type ClientValidation,
  type SecretRef,
  servingCertificate,
  type TlsTermination,
  type VirtualHost,
} from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry, nothingElse, treatmentOf } from "./aspect.ts";
import { digest } from "./digest.ts";
import type { Treatment } from "./effect.ts";

/** Whether a Secret only stands in for one that is not given. */
export type IsAssumed = (secret: SecretRef) => boolean;

/** What a client meets before it can send a request over TLS; absent where TLS is not ended. */
export function connectionTreatment(
  db: Db,
  { secure }: VirtualHost,
  isAssumed: IsAssumed,
): Treatment | undefined {
  if (secure === undefined || secure.kind === "passthrough") return undefined;
  const fallback = secure.kind === "http" ? secure.fallbackCertificate : undefined;
  return treatmentOf([
    ...terminationAspects(db, secure.tls, isAssumed),
    ...(fallback === undefined
      ? []
      : [certificateAspect(db, "fallback certificate", fallback, isAssumed)]),
  ]);
}

function terminationAspects(
  db: Db,
  termination: TlsTermination,
  isAssumed: IsAssumed,
): readonly AspectEntry[] {
  const { certificate, minimumVersion, maximumVersion, clientValidation, ...rest } = termination;
  nothingElse(rest);
  return [
    certificateAspect(db, "certificate", certificate, isAssumed),
    aspect(
      "TLS versions",
      minimumVersion === maximumVersion ? minimumVersion : `${minimumVersion} to ${maximumVersion}`,
    ),
    ...(clientValidation === undefined ? [] : [clientAspect(clientValidation)]),
  ];
}

/** By its public part; another key makes another certificate, or one that nobody takes. */
function certificateAspect(
  db: Db,
  name: "certificate" | "fallback certificate",
  ref: SecretRef,
  isAssumed: IsAssumed,
): AspectEntry {
  const served = isAssumed(ref) ? undefined : servingCertificate(db, ref);
  const hash = isAssumed(ref)
    ? "assumed"
    : served === undefined
    ? "unusable"
    : `sha256:${digest(served.certificateChain)}`;
  const key = served === undefined ? "" : digest(served.privateKey);
  return aspect(name, [ref, hash, key], `${ref.namespace}/${ref.name} (${hash})`);
}

function clientAspect(validation: ClientValidation): AspectEntry {
  const { caBundle, acceptUntrusted, required, revocation, forward, ...rest } = validation;
  nothingElse(rest);
  const authority = caBundle === undefined ? undefined : digest(caBundle);
  const lists = revocation === undefined
    ? undefined
    : { ...revocation, lists: digest(revocation.lists) };
  const text = [
    required ? "required" : "optional",
    ...(authority === undefined ? [] : [`signed by sha256:${authority}`]),
    ...(acceptUntrusted ? ["untrusted ones too"] : []),
    ...(lists === undefined ? [] : [`revoked by sha256:${lists.lists}`]),
  ].join(", ");
  return aspect("client certificate", [authority, acceptUntrusted, required, lists, forward], text);
}
