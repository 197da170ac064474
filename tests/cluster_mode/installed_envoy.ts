/** An Envoy as it is installed: by the file that `contour bootstrap` writes, and nobody restarts it. */
import { join } from "node:path";
import {
  adminGet,
  envoyBinary,
  envoyCommand,
  waitUntilReady,
} from "../../controller/data_plane/mod.ts";
import { contourCommand, runToEnd } from "../support/contour_process.ts";
import { within } from "../support/wait.ts";

/** A running Envoy. */
export interface InstalledEnvoy extends AsyncDisposable {
  /** Holds all that is its own. */
  readonly folder: string;
  /** The socket of its admin interface. */
  readonly admin: string;
  /** Resolves when it has its first configuration. */
  readonly ready: () => Promise<void>;
  readonly kill: (signal: Deno.Signal) => void;
  /** Resolves when the process is gone. */
  readonly ended: () => Promise<void>;
  /** What the admin interface answers. */
  readonly get: (path: string) => Promise<string>;
}

/** Writes a bootstrap and starts an Envoy by it. */
export async function startInstalledEnvoy({ xdsPort, nodeId = "envoy", hosts, args }: {
  readonly xdsPort: number;
  readonly nodeId?: string;
  /** Addresses by name, for this Envoy alone: it has no DNS. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** More for `contour bootstrap`; by the folder of this Envoy. */
  readonly args?: (folder: string) => readonly string[];
}): Promise<InstalledEnvoy> {
  const folder = await Deno.makeTempDir({ prefix: "contour-envoy-" });
  const [file, admin] = [join(folder, "envoy.json"), join(folder, "admin.sock")];
  const { code, err } = await runToEnd([
    ...[...contourCommand, "bootstrap", file, "--xds-port", `${xdsPort}`],
    ...["--admin-address", admin, ...args?.(folder) ?? []],
  ]);
  if (code !== 0) throw new Error(`No bootstrap: ${err}`);
  const options = {
    binary: await envoyBinary(),
    concurrency: 1,
    args: ["--service-node", nodeId, "--service-cluster", "contour", "--drain-time-s", "1"],
  };
  const command = envoyCommand(options, file);
  const [program = "", ...rest] = hosts === undefined
    ? command
    : [...await withHosts(folder, hosts), ...command];
  const child = new Deno.Command(program, {
    args: rest,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const text = new Response(child.stderr).text();
  let isOver = false;
  const over = child.status.finally(() => isOver = true);
  return {
    folder,
    admin,
    ready: () => waitUntilReady({ path: admin }, AbortSignal.timeout(30_000)),
    kill: (signal) => child.kill(signal),
    async ended() {
      await within("Envoy has ended", over);
      await text;
    },
    async get(path) {
      const { status, body } = await adminGet({ path: admin }, path);
      if (status !== 200) throw new Error(`Envoy answers ${status} to ${path}: ${body}`);
      return body;
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await over;
      await text;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Runs the command behind it where these names are known. */
async function withHosts(
  folder: string,
  hosts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const file = join(folder, "hosts");
  const lines = Object.entries(hosts).map(([name, address]) => `${address} ${name}\n`);
  await Deno.writeTextFile(file, ["127.0.0.1 localhost\n", ...lines].join(""));
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", script, file];
}
