import { dump } from "js-yaml";
import type { IssuedCertificate } from "./authority.ts";
import type { XdsCertificates } from "./certgen.ts";

/** The Secrets that the pods of Contour and Envoy mount, in the order they are written. */
export function xdsSecrets(
  { ca, contour, envoy }: XdsCertificates,
  { namespace, format, nameSuffix = "" }: SecretsRequest,
): readonly SecretManifest[] {
  const secret = (
    name: string,
    type: SecretManifest["type"],
    files: Readonly<Record<string, string>>,
  ): SecretManifest => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: name + nameSuffix, namespace, labels: { app: "contour" } },
    type,
    data: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, btoa(text)])),
  });
  const pair = (name: string, { certificate, privateKey }: IssuedCertificate) =>
    secret(name, "kubernetes.io/tls", {
      ...(format === "compact" ? { "ca.crt": ca } : {}),
      "tls.crt": certificate,
      "tls.key": privateKey,
    });
  return [
    pair("contourcert", contour),
    pair("envoycert", envoy),
    ...(format === "legacy" ? [secret("cacert", "Opaque", { "cacert.pem": ca })] : []),
  ];
}

/** How the certificates are spread over Secrets. */
export interface SecretsRequest {
  readonly namespace: string;
  readonly format: SecretsFormat;
  /** Ends the name of each. */
  readonly nameSuffix?: string;
}

/** `compact`: the CA lies beside each certificate. `legacy`: it has a Secret of its own. */
export type SecretsFormat = (typeof secretsFormats)[number];

/** Every {@link SecretsFormat}. */
export const secretsFormats = ["legacy", "compact"] as const;

/** A Secret as it is applied. */
export interface SecretManifest {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly type: "kubernetes.io/tls" | "Opaque";
  /** Base64 by file name. */
  readonly data: Readonly<Record<string, string>>;
}

/** The files of `contour certgen --yaml`, by name. */
export function secretFiles(secrets: readonly SecretManifest[]): ReadonlyMap<string, string> {
  return new Map(
    secrets.map((secret) => [`${secret.metadata.name}.yaml`, dump(secret, { lineWidth: -1 })]),
  );
}

/** What is asked of an API server. Its verbs are all that the Job of the quickstart is granted. */
export interface SecretsApi {
  /** Answers false, and changes nothing, when there is one of that name. */
  create(secret: SecretManifest): Promise<boolean>;
  /** Replaces the one that there is. */
  update(secret: SecretManifest): Promise<void>;
}

/** What became of a Secret. */
export type SecretOutcome = "created" | "updated" | "left as it is";

/** Writes Secrets one by one. Existing ones are replaced with `overwrite` only. */
export async function* applySecrets(
  api: SecretsApi,
  secrets: readonly SecretManifest[],
  overwrite: boolean,
): AsyncGenerator<{ readonly secret: SecretManifest; readonly outcome: SecretOutcome }> {
  for (const secret of secrets) {
    if (await api.create(secret)) yield { secret, outcome: "created" };
    else if (!overwrite) yield { secret, outcome: "left as it is" };
    else {
      await api.update(secret);
      yield { secret, outcome: "updated" };
    }
  }
}
