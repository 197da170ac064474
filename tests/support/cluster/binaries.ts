/** Finding the binaries of a control plane, or building them from the modules of their makers. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The Kubernetes we test with. */
export const kubernetesVersion = "1.36.3";

/** A part of a control plane. */
export type ClusterBinary = "etcd" | "kube-apiserver" | "kube-controller-manager";

/**
 * The path of a binary: in the folder that `KUBEBUILDER_ASSETS` names, on the PATH (of whatever
 * version), or the one built before; else it is built with Go, which takes some minutes once, into
 * `contour/kube-<version>` of the user's cache folder. Whoever builds holds a lock; others wait.
 * Progress goes to standard error.
 */
export async function clusterBinary(
  name: ClusterBinary,
  env: Readonly<Record<string, string | undefined>> = Deno.env.toObject(),
): Promise<string> {
  const assets = env["KUBEBUILDER_ASSETS"];
  const folders = [...(assets ? [assets] : []), ...(env["PATH"] ?? "").split(":").filter(Boolean)];
  const cache = join(cacheFolder(env), `kube-${kubernetesVersion}`);
  for (const folder of [...folders, cache]) {
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  await build(cache, name);
  return join(cache, name);
}

const version = "k8s.io/component-base/version";
const linkerFlags = [
  "-s",
  "-w",
  `-X ${version}.gitVersion=v${kubernetesVersion}`,
  ...kubernetesVersion.split(".").slice(0, 2).map((part, at) =>
    `-X ${version}.${at === 0 ? "gitMajor" : "gitMinor"}=${part}`
  ),
].join(" ");

/** Builds under another name and renames at last, so that a binary is whole or not there. */
async function build(cache: string, name: ClusterBinary): Promise<void> {
  await Deno.mkdir(cache, { recursive: true });
  const target = join(cache, name);
  const partial = `${target}.partial-${crypto.randomUUID()}`;
  const lock = await Deno.open(join(cache, ".lock"), { create: true, write: true });
  try {
    await lock.lock(true);
    if (await isExecutable(target)) return; // somebody else built it while we waited
    say(`Building ${name} of Kubernetes ${kubernetesVersion} with Go (some minutes, once)`);
    const begin = performance.now();
    await go(partial, name);
    await Deno.rename(partial, target);
    const seconds = Math.round((performance.now() - begin) / 1_000);
    say(`Built ${name} in ${seconds} s, it is at ${target}`);
  } finally {
    await Deno.remove(partial).catch(() => {}); // gone when it was renamed
    lock.close();
  }
}

async function go(output: string, name: ClusterBinary): Promise<void> {
  const args = ["build", "-mod=readonly", "-p", "2", "-trimpath", "-buildvcs=false"];
  const command = new Deno.Command("nice", {
    args: ["go", ...args, "-ldflags", linkerFlags, "-o", output, `./${name}`],
    cwd: join(fileURLToPath(import.meta.url), "..", "go"),
    env: { CGO_ENABLED: "0" },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const advice = "set KUBEBUILDER_ASSETS to a folder that holds it, or install Go 1.26";
  const { success } = await command.output().catch((cause) => {
    throw new Error(`Cannot build ${name}: ${advice}`, { cause });
  });
  if (!success) throw new Error(`Cannot build ${name}: ${advice}`);
}

function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const home = env["HOME"];
  const cache = env["XDG_CACHE_HOME"] || (home ? join(home, ".cache") : undefined);
  if (cache) return join(cache, "contour");
  throw new Error("Cannot keep a control plane: neither XDG_CACHE_HOME nor HOME is set");
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false; // not there, or not ours to see
  }
}

function say(message: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
}
