/** A container as a process: with the network of its Pod, and files of its own above this machine's. */
import type { Container } from "./pod.ts";

/** What a process needs beside its container. */
export interface ProcessPlace {
  /** Path of the network namespace. */
  readonly network: string;
  readonly hostname: string;
  /** A folder of this container alone. */
  readonly folder: string;
  /** Folders, and where they appear. */
  readonly mounts: readonly (readonly [here: string, there: string])[];
  readonly env: Readonly<Record<string, string>>;
  /** Bytes; none when not given. */
  readonly memoryLimit?: number | undefined;
}

/** A running program. */
export interface RunningProcess {
  readonly status: Promise<Deno.CommandStatus>;
  kill(signal: Deno.Signal): void;
}

/**
 * Everything below a folder of ours is what this machine has; what is written stays with the
 * container. The name server and the mounts are its own.
 */
const script = `
set -e
folder=$1 hostname=$2 limit=$3 group=$4
shift 4
if test "$limit" != none; then
  if test -d /sys/fs/cgroup/memory; then
    group=/sys/fs/cgroup/memory/suite-$group file=memory.limit_in_bytes
  else
    group=/sys/fs/cgroup/suite-$group file=memory.max
    echo +memory > /sys/fs/cgroup/cgroup.subtree_control
  fi
  mkdir "$group"
  echo "$limit" > "$group/$file"
  echo $$ > "$group/cgroup.procs"
fi
hostname "$hostname"
mkdir -p "$folder/own"
mount -t tmpfs tmpfs "$folder/own"
mkdir "$folder/own/upper" "$folder/own/work" "$folder/own/root"
root=$folder/own/root
mount -t overlay -o "lowerdir=/,upperdir=$folder/own/upper,workdir=$folder/own/work" overlay "$root"
for each in proc sys dev; do mount --rbind "/$each" "$root/$each"; done
# What Deno writes there is no memory of the container.
cache=\${DENO_DIR:-$HOME/.cache/deno}
if test -d "$cache"; then mount --bind "$cache" "$root$cache"; fi
while test "$1" != --; do
  chroot "$root" mkdir -p "$2"
  # A link, as /var/run is one, leads somewhere else outside.
  there=$(chroot "$root" readlink -f "$2")
  mount --bind "$1" "$root$there"
  shift 2
done
shift
cp "$folder/resolv.conf" "$root/etc/resolv.conf"
exec chroot "$root" "$@"
`;

/** Starts a program in the place of a container; `log` gets what it writes. */
export function startProcess(
  command: readonly string[],
  place: ProcessPlace,
  log: (bytes: Uint8Array) => void,
): RunningProcess {
  const group = crypto.randomUUID();
  const child = new Deno.Command("nsenter", {
    args: [
      `--net=${place.network}`,
      ...["unshare", "--mount", "--uts", "sh", "-c", script, "sh"],
      place.folder,
      place.hostname,
      place.memoryLimit === undefined ? "none" : String(place.memoryLimit),
      group,
      ...place.mounts.flat(),
      "--",
      ...command,
    ],
    clearEnv: true,
    env: { ...place.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const bytes of stream) log(bytes);
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  let ended = false;
  const status = child.status.then(async (status) => {
    ended = true;
    await reading;
    if (place.memoryLimit !== undefined) await removeMemoryGroup(group);
    return status;
  });
  return {
    status,
    kill: (signal) => {
      if (!ended) child.kill(signal);
    },
  };
}

async function removeMemoryGroup(group: string): Promise<void> {
  for (const folder of ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"]) {
    await Deno.remove(`${folder}/suite-${group}`).catch(() => {}); // the other version has it
  }
}

/** `100Mi` in bytes. */
export function memoryLimitOf(container: Container): number | undefined {
  const match = /^(\d+)(Ki|Mi|Gi)?$/.exec(container.resources?.limits?.memory ?? "");
  if (match === null) return undefined;
  const unit = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[match[2] ?? ""] ?? 1;
  return Number(match[1]) * unit;
}
