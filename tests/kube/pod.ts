/**
 * A container of the installation as a process of this machine: its command line, its volumes as
 * folders, and with no more permissions than its image has. What a Pod gets from its node (a network
 * and a token of its own) is given by flags.
 */
import { join } from "node:path";
import { folders, permissionFlags } from "../../manifests/topology/mod.ts";
import type { Cluster, Manifest } from "../support/cluster/mod.ts";
import { type ContourProcess, runToEnd, startContour } from "../support/contour_process.ts";

/** A Pod of this machine: the folders of its volumes, and who it is for the API server. */
export interface Pod {
  readonly folder: string;
  /** A file in the folder of the token. */
  readonly kubeconfig: string;
}

/** Makes an empty Pod. */
export async function makePod(cluster: Cluster, name: string, account?: Account): Promise<Pod> {
  const folder = join(cluster.folder, name);
  for (const volume of ["certs", "config", "admin", "run/token"]) {
    await Deno.mkdir(join(folder, volume), { recursive: true });
  }
  // As /var/run is, in images of Debian.
  await Deno.symlink(join("run", "token"), join(folder, "token"));
  const pod = { folder, kubeconfig: join(folder, "token", "kubeconfig") };
  if (account !== undefined) {
    const token = await cluster.serviceAccountToken(account.namespace, account.name);
    const text = await Deno.readTextFile(await cluster.kubeconfigFor(token));
    await mount(pod, "token", { kubeconfig: text, "ca.crt": cluster.authority });
  }
  return pod;
}

/** A ServiceAccount. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** Puts files into a volume, as its node does for a Secret or ConfigMap: behind two links. */
export async function mount(
  { folder }: Pod,
  volume: "certs" | "config" | "token",
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const path = join(folder, volume);
  await Deno.mkdir(join(path, "..version"));
  await Deno.symlink("..version", join(path, "..data"));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(path, "..version", name), text);
    await Deno.symlink(join("..data", name), join(path, name));
  }
}

/** Starts a container that goes on; `args` come behind those of the manifest. */
export function startContainer(
  pod: Pod,
  container: Container,
  args: readonly string[] = [],
): ContourProcess {
  return startContour(argumentsOf(pod, container, args), commandOf(pod));
}

/** Runs a container that ends. */
export async function runContainer(
  pod: Pod,
  container: Container,
  args: readonly string[] = [],
): ReturnType<typeof runToEnd> {
  return await runToEnd([...commandOf(pod), ...argumentsOf(pod, container, args)]);
}

/** The parts of a container that are carried out. */
export interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly livenessProbe?: { readonly httpGet: HttpGet };
  readonly readinessProbe?: { readonly httpGet: HttpGet };
  readonly lifecycle?: {
    readonly preStop: {
      readonly httpGet?: HttpGet;
      readonly exec?: { readonly command: readonly string[] };
    };
  };
}

/** A page that a node asks for. */
export interface HttpGet {
  readonly path: string;
  readonly port: number;
}

/** Asks for a page of a Pod, as its node does: the status, and the text. */
export async function getFrom(
  { path, port }: HttpGet = { path: "", port: 0 },
): Promise<readonly [status: number, text: string]> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return [answer.status, await answer.text()];
}

/** A container of a workload. */
export function containerOf(objects: readonly Manifest[], kind: string, name: string): Container {
  for (const object of objects) {
    if (object.kind !== kind) continue;
    const { template } = object["spec"] as {
      readonly template: {
        readonly spec: {
          readonly containers: readonly Container[];
          readonly initContainers?: readonly Container[];
        };
      };
    };
    const { containers, initContainers = [] } = template.spec;
    const found = [...initContainers, ...containers].find((container) => container.name === name);
    if (found !== undefined) return found;
  }
  throw new Error(`There is no container "${name}" in a ${kind}`);
}

function commandOf({ folder }: Pod): readonly string[] {
  const permissions = permissionFlags({
    certificates: join(folder, "certs"),
    configuration: join(folder, "config"),
    admin: join(folder, "admin"),
    token: join(folder, "token"),
  });
  const program = new URL("../../cli/main.ts", import.meta.url).pathname;
  return [Deno.execPath(), "run", "--no-check", ...permissions, program];
}

function argumentsOf(pod: Pod, container: Container, more: readonly string[]): readonly string[] {
  const own = container.args.map((arg) => {
    if (arg === "--incluster") return `--kubeconfig=${pod.kubeconfig}`;
    const text = arg.replace("$(CONTOUR_NAMESPACE)", "projectcontour");
    return Object.values(folders).reduce(
      (text, path) => text.replace(new RegExp(`(^|=)${path}/`), `$1${join(pod.folder, path)}/`),
      text,
    );
  });
  return [...own, ...more];
}
