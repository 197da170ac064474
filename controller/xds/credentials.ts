import * as grpc from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { createPrivateKey, X509Certificate } from "node:crypto";

/**
 * Credentials for mutual TLS 1.3: whoever connects must show a certificate signed by the CA. The
 * files are looked at again and again, and handshakes use what they held last that was usable;
 * connections that exist already live on. Rejects when the files are not usable to begin with.
 */
export async function xdsCredentials(options: XdsCredentialsOptions): Promise<
  grpc.ServerCredentials
> {
  const { onEvent, signal, lookAgainMs = 1_000 } = options;
  const { files, stamps } = await read(options);
  const credentials = new FileCredentials(files);
  onEvent({ kind: "loaded", notAfter: files.notAfter });
  follow({ options, credentials, stamps, onEvent, signal, lookAgainMs });
  return credentials;
}

/** Where the certificates are, all PEM. */
export interface XdsCredentialsOptions {
  /** Who signs the clients' certificates: one certificate or more. */
  readonly caFile: string;
  /** Ours, followed by those between it and its CA. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly onEvent: (event: XdsCredentialsEvent) => void;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; default 1,000. */
  readonly lookAgainMs?: number;
}

/** What became of the files. */
export type XdsCredentialsEvent =
  /** New handshakes use them. */
  | { readonly kind: "loaded"; readonly notAfter: Date }
  /** They are not usable any more; handshakes use what was loaded last. Said once a reason. */
  | { readonly kind: "kept"; readonly message: string };

/** The contents of the three files, which fit each other. */
interface Files {
  readonly ca: Buffer;
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  /** When the certificate ends. */
  readonly notAfter: Date;
}

/** Credentials that can be replaced under a server that listens. */
class FileCredentials extends grpc.ServerCredentials {
  constructor(files: Files) {
    super({ requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" }, context(files));
  }

  replace(files: Files): void {
    this.updateSecureContextOptions(context(files));
  }

  override _equals(other: grpc.ServerCredentials): boolean {
    return other === this;
  }
}

function context({ ca, certificate, privateKey }: Files) {
  // Given again, as a new context replaces all of the old one.
  return { ca, cert: [certificate], key: [privateKey], minVersion: "TLSv1.3" as const };
}

interface Following {
  readonly options: XdsCredentialsOptions;
  readonly credentials: FileCredentials;
  readonly stamps: string;
  readonly onEvent: (event: XdsCredentialsEvent) => void;
  readonly signal: AbortSignal;
  readonly lookAgainMs: number;
}

function follow({ options, credentials, stamps, onEvent, signal, lookAgainMs }: Following): void {
  let used = stamps;
  let before = "";
  let told = "";
  const look = async () => {
    let problem = "";
    try {
      const now = await stampsOf(options);
      if (now !== used) {
        const { files, stamps } = await read(options);
        used = stamps;
        credentials.replace(files);
        told = "";
        onEvent({ kind: "loaded", notAfter: files.notAfter });
      } else told = "";
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    // Files are replaced one after the other: what is wrong for one look only is not worth a word.
    if (problem !== "" && problem === before && problem !== told) {
      told = problem;
      onEvent({ kind: "kept", message: problem });
    }
    before = problem;
    schedule();
  };
  const schedule = () => {
    if (signal.aborted) return;
    const end = () => clearTimeout(timer);
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      void look();
    }, lookAgainMs);
    Deno.unrefTimer(timer);
    signal.addEventListener("abort", end, { once: true });
  };
  schedule();
}

/** Throws an `Error` that says which file is not usable, and why. */
async function read(
  { caFile, certFile, keyFile }: XdsCredentialsOptions,
): Promise<{ readonly files: Files; readonly stamps: string }> {
  // Before the contents: what is replaced in between is then read once more, not missed.
  const stamps = await stampsOf({ caFile, certFile, keyFile });
  const contents = async (file: string) => Buffer.from(await reading(file, Deno.readFile(file)));
  const [ca, certificate, privateKey] = await Promise.all(
    [caFile, certFile, keyFile].map(contents),
  );
  if (!ca || !certificate || !privateKey) throw new TypeError("Three files give three contents");
  usable(caFile, "certificate", () => new X509Certificate(ca));
  const own = usable(certFile, "certificate", () => new X509Certificate(certificate));
  const key = usable(keyFile, "private key", () => createPrivateKey(privateKey));
  if (!own.checkPrivateKey(key)) {
    throw new Error(`Cannot use "${keyFile}": it is not the key of "${certFile}"`);
  }
  return {
    files: { ca, certificate, privateKey, notAfter: new Date(own.validTo) },
    stamps,
  };
}

function usable<Value>(file: string, what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    throw new Error(`Cannot use "${file}": it holds no ${what} in PEM`, { cause });
  }
}

/** Differs when a file was written, or replaced by another, be it by way of a link. */
async function stampsOf(
  { caFile, certFile, keyFile }: Pick<XdsCredentialsOptions, "caFile" | "certFile" | "keyFile">,
): Promise<string> {
  const stamp = async (file: string) => {
    const { mtime, ino, dev, size } = await reading(file, Deno.stat(file));
    return [mtime?.getTime(), ino, dev, size].join(":");
  };
  return (await Promise.all([caFile, certFile, keyFile].map(stamp))).join(" ");
}

async function reading<Value>(file: string, result: Promise<Value>): Promise<Value> {
  try {
    return await result;
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`Cannot read "${file}": ${reason}`, { cause });
  }
}
