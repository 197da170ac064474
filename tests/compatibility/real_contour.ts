/** The Contour whose answers are recorded, as a process. */
import { join } from "node:path";

/** A Contour that runs. */
export interface RealContour {
  /** Where it listens, with its usual ports. */
  readonly address: string;
  /** Runs `contour bootstrap` with these arguments; throws what it says when it fails. */
  bootstrap(args: readonly string[]): Promise<void>;
  /** Ends it, and waits until it is gone. */
  stop(): Promise<void>;
  /** The last lines of its log. */
  log(): string;
}

/**
 * Starts the binary that `CONTOUR_BIN` names against an API server. `configuration` is its file;
 * it listens at a loopback address of its own.
 */
export async function startRealContour(
  { kubeconfig, folder, configuration, flags }: {
    readonly kubeconfig: string;
    readonly folder: string;
    readonly configuration: string;
    readonly flags: readonly string[];
  },
): Promise<RealContour> {
  const binary = Deno.env.get("CONTOUR_BIN");
  if (binary === undefined) throw new Error("CONTOUR_BIN has to name the binary of Contour");
  const path = join(folder, `${crypto.randomUUID()}.yaml`);
  await Deno.writeTextFile(path, configuration);
  const address = ownAddress();
  const child = new Deno.Command(binary, {
    args: [
      "serve",
      "--insecure",
      "--disable-leader-election",
      `--kubeconfig=${kubeconfig}`,
      `--config-path=${path}`,
      "--kubernetes-client-qps=2000",
      "--kubernetes-client-burst=4000",
      ...["xds", "http", "health", "debug-http"].map((name) => `--${name}-address=${address}`),
      ...flags,
    ],
    env: { CONTOUR_NAMESPACE: "projectcontour" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const reading = keepTail(child.stderr, lines);
  const ended = child.status;
  return {
    address,
    async bootstrap(args) {
      const { success, stderr } = await new Deno.Command(binary, {
        args: ["bootstrap", ...args],
        stdin: "null",
      }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
    },
    async stop() {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended by itself, which its log explains.
      }
      await ended;
      await reading;
    },
    log: () => lines.join("\n"),
  };
}

function ownAddress(): string {
  const [a = 1, b = 1, c = 1] = crypto.getRandomValues(new Uint8Array(3));
  return `127.${a}.${b}.${1 + (c % 254)}`;
}

async function keepTail(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    lines.push(...decoder.decode(bytes).split("\n").filter(Boolean));
    if (lines.length > 200) lines.splice(0, lines.length - 100);
  }
}
