import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";

/**
 * Reads a certificate with its key and CA, and looks at the files again and again: `use` is called
 * with what they hold whenever that changed and is usable. Rejects when the files are not usable to
 * begin with.
 */
export async function followTlsFiles(
  paths: TlsFilePaths,
  { use, onEvent, signal, lookAgainMs = 1_000 }: FollowOptions,
): Promise<void> {
  const { files, stamps } = await read(paths);
  use(files);
  onEvent({ kind: "loaded", notAfter: files.notAfter });
  follow({ paths, use, stamps, onEvent, signal, lookAgainMs });
}

/** Where the certificates are, all PEM. */
export interface TlsFilePaths {
  /** Who signs the certificates of the other side: one certificate or more. */
  readonly caFile?: string;
  /** Ours, followed by those between it and its CA. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** What to do with the files. */
export interface FollowOptions {
  /** Called before the promise resolves, and at each change from then on. */
  readonly use: (files: TlsMaterial) => void;
  readonly onEvent: (event: TlsFilesEvent) => void;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; default 1,000. */
  readonly lookAgainMs?: number;
}

/** What became of the files. */
export type TlsFilesEvent =
  /** New handshakes use them. */
  | { readonly kind: "loaded"; readonly notAfter: Date }
  /** They are not usable any more; handshakes use what was loaded last. Said once a reason. */
  | { readonly kind: "kept"; readonly message: string };

/** The contents of the files, which fit each other. */
export interface TlsMaterial {
  /** Absent when no file of the CA was named. */
  readonly ca?: Buffer;
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  /** When the certificate ends. */
  readonly notAfter: Date;
}

interface Following {
  readonly paths: TlsFilePaths;
  readonly use: FollowOptions["use"];
  readonly stamps: string;
  readonly onEvent: (event: TlsFilesEvent) => void;
  readonly signal: AbortSignal;
  readonly lookAgainMs: number;
}

function follow({ paths, use, stamps, onEvent, signal, lookAgainMs }: Following): void {
  let used = stamps;
  let before = "";
  let told = "";
  const look = async () => {
    let problem = "";
    try {
      const now = await stampsOf(paths);
      if (now !== used) {
        const { files, stamps } = await read(paths);
        used = stamps;
        use(files);
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
  paths: TlsFilePaths,
): Promise<{ readonly files: TlsMaterial; readonly stamps: string }> {
  const { caFile, certFile, keyFile } = paths;
  // Before the contents: what is replaced in between is then read once more, not missed.
  const stamps = await stampsOf(paths);
  const contents = async (file: string) => Buffer.from(await reading(file, Deno.readFile(file)));
  const [certificate, privateKey, ca] = await Promise.all([
    contents(certFile),
    contents(keyFile),
    caFile === undefined ? undefined : contents(caFile),
  ]);
  if (caFile !== undefined && ca !== undefined) {
    usable(caFile, "certificate", () => new X509Certificate(ca));
  }
  const own = usable(certFile, "certificate", () => new X509Certificate(certificate));
  const key = usable(keyFile, "private key", () => createPrivateKey(privateKey));
  // `checkPrivateKey` is not there in every Deno that a binary is made with.
  if (!publicBytes(createPublicKey(key)).equals(publicBytes(own.publicKey))) {
    throw new Error(`Cannot use "${keyFile}": it is not the key of "${certFile}"`);
  }
  const notAfter = new Date(own.validTo);
  return {
    files: { certificate, privateKey, notAfter, ...(ca === undefined ? {} : { ca }) },
    stamps,
  };
}

function publicBytes(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function usable<Value>(file: string, what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    throw new Error(`Cannot use "${file}": it holds no ${what} in PEM`, { cause });
  }
}

/** Differs when a file was written, or replaced by another, be it by way of a link. */
async function stampsOf({ caFile, certFile, keyFile }: TlsFilePaths): Promise<string> {
  const stamp = async (file: string) => {
    const { mtime, ino, dev, size } = await reading(file, Deno.stat(file));
    return [mtime?.getTime(), ino, dev, size].join(":");
  };
  const paths = [caFile, certFile, keyFile].filter((file) => file !== undefined);
  return (await Promise.all(paths.map(stamp))).join(" ");
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
