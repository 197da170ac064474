import * as grpc from "@grpc/grpc-js";
import { followTlsFiles, type TlsFilesEvent, type TlsMaterial } from "../certs/mod.ts";

/**
 * Credentials for mutual TLS 1.3: whoever connects must show a certificate signed by the CA. The
 * files are looked at again and again, and handshakes use what they held last that was usable;
 * connections that exist already live on. Rejects when the files are not usable to begin with.
 */
export async function xdsCredentials(options: XdsCredentialsOptions): Promise<
  grpc.ServerCredentials
> {
  const { caFile, certFile, keyFile, ...rest } = options;
  let credentials: FileCredentials | undefined;
  await followTlsFiles({ caFile, certFile, keyFile }, {
    ...rest,
    use(files) {
      if (credentials === undefined) credentials = new FileCredentials(files);
      else credentials.replace(files);
    },
  });
  if (credentials === undefined) throw new TypeError("Files that could be read are used");
  return credentials;
}

/** Where the certificates are, all PEM. */
export interface XdsCredentialsOptions {
  /** Who signs the clients' certificates: one certificate or more. */
  readonly caFile: string;
  /** Ours, followed by those between it and its CA. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly onEvent: (event: TlsFilesEvent) => void;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; default 1,000. */
  readonly lookAgainMs?: number;
}

/** Credentials that can be replaced under a server that listens. */
class FileCredentials extends grpc.ServerCredentials {
  constructor(files: TlsMaterial) {
    super({ requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" }, context(files));
  }

  replace(files: TlsMaterial): void {
    this.updateSecureContextOptions(context(files));
  }

  override _equals(other: grpc.ServerCredentials): boolean {
    return other === this;
  }
}

function context({ ca, certificate, privateKey }: TlsMaterial) {
  // Given again, as a new context replaces all of the old one.
  return {
    ...(ca === undefined ? {} : { ca }),
    cert: [certificate],
    key: [privateKey],
    minVersion: "TLSv1.3" as const,
  };
}
