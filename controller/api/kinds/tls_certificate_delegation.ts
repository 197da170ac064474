import { z } from "zod";
import { Conditions } from "./condition.ts";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";

/** One Secret and the namespaces that may refer to it. */
export const CertificateDelegation = z.object({
  secretName: z.string().describe("A Secret in the namespace of this object."),
  targetNamespaces: z.array(z.string()).describe(
    "Namespaces that may refer to it; a single * stands for all.",
  ),
});
/** See {@link CertificateDelegation}. */
export type CertificateDelegation = Immutable<z.infer<typeof CertificateDelegation>>;

/**
 * Lets other namespaces use Secrets of this one.
 * See https://projectcontour.io/docs/main/config/tls-delegation/
 */
export const TLSCertificateDelegation = z.object({
  apiVersion: z.literal("projectcontour.io/v1"),
  kind: z.literal("TLSCertificateDelegation"),
  metadata: Metadata,
  spec: z.object({
    delegations: z.array(CertificateDelegation).describe("Secrets and who may use them."),
  }).describe("What is delegated."),
  status: z.object({
    conditions: Conditions.optional().describe("Conditions; none are written today."),
  }).optional().describe("What became of it."),
}).describe("Lets other namespaces refer to certificates and keys of this one.");
/** See {@link TLSCertificateDelegation}. */
export type TLSCertificateDelegation = Immutable<z.infer<typeof TLSCertificateDelegation>>;
