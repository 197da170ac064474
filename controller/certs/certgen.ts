import { createPrivateKey } from "node:crypto";
import { type IssuedCertificate, makeAuthority, validityAround } from "./authority.ts";

/**
 * The certificates by which the controller and the Envoys know each other: one for each, signed by
 * an authority that is forgotten at once, so that nobody can make more.
 */
export async function generateCertificates(
  { namespace, lifetimeDays = 0, now }: CertgenRequest,
): Promise<XdsCertificates> {
  const validity = validityAround(now, lifetimeDays || defaultLifetimeDays);
  const algorithm = "rsa";
  const authority = await makeAuthority({ commonName: "Project Contour", validity, algorithm });
  const issue = async (service: string): Promise<IssuedCertificate> => {
    const dnsNames = serviceNames(service, namespace);
    const { certificate, privateKey } = await authority.issue({ dnsNames, validity, algorithm });
    return { certificate, privateKey: pkcs1(privateKey) };
  };
  return {
    ca: authority.certificate,
    contour: await issue("contour"),
    envoy: await issue("envoy"),
  };
}

/** What certificates are wanted. */
export interface CertgenRequest {
  /** Where the Services `contour` and `envoy` are; part of their names. */
  readonly namespace: string;
  /** Days from `now`; 0 or absent: 365. */
  readonly lifetimeDays?: number;
  readonly now: Date;
}

/** See {@link generateCertificates}. Keys are RSA in PKCS#1. */
export interface XdsCertificates {
  /** PEM: what both sides trust. */
  readonly ca: string;
  readonly contour: IssuedCertificate;
  readonly envoy: IssuedCertificate;
}

/** How long certificates are good for when nothing is said. */
export const defaultLifetimeDays = 365;

/** The files of `contour certgen --pem`, by name. */
export function pemFiles({ ca, contour, envoy }: XdsCertificates): ReadonlyMap<string, string> {
  return new Map([
    ["cacert.pem", ca],
    ["contourcert.pem", contour.certificate],
    ["contourkey.pem", contour.privateKey],
    ["envoycert.pem", envoy.certificate],
    ["envoykey.pem", envoy.privateKey],
  ]);
}

/** The names by which a Service is reached, the shortest first. */
function serviceNames(service: string, namespace: string): readonly string[] {
  const inNamespace = `${service}.${namespace}`;
  return [service, inNamespace, `${inNamespace}.svc`, `${inNamespace}.svc.cluster.local`];
}

/** The same key in the form that Contour's Secrets hold it in. */
function pkcs1(privateKey: string): string {
  return createPrivateKey(privateKey).export({ type: "pkcs1", format: "pem" }).toString();
}
