/**
 * The network of the stand-in cluster, inside a network namespace of its own: Pods that are programs
 * have namespaces of theirs on a bridge (198.18.0.0/17); Pods that live in this process share the
 * addresses of 198.18.128.0/17, and Services have those of 10.96.0.0/16. All of the latter two are
 * this machine, so that anybody may listen at any of them.
 */
import { run } from "./run.ts";

/** The address of the node on the bridge: the gateway and the name server of Pods. */
export const nodeAddress = "198.18.0.1";

/** Sets up the namespace this process runs in. */
export async function setUpNetwork(): Promise<void> {
  await Deno.mkdir("/run/netns", { recursive: true });
  await run("mount", "-t", "tmpfs", "tmpfs", "/run/netns");
  await ip("link set lo up");
  await ip("link add pods type bridge");
  await ip(`address add ${nodeAddress}/17 dev pods`);
  await ip("link set pods up");
  await ip("route add local 198.18.128.0/17 dev lo");
  await ip("route add local 10.96.0.0/16 dev lo");
}

let taken = 1;

/** An address for a Pod in this process. */
export function ownPodAddress(): string {
  taken++;
  return `198.18.${128 + (taken >> 8) % 128}.${taken & 255}`;
}

/** A network namespace of a Pod. */
export interface PodNetwork {
  readonly address: string;
  /** To be entered with `nsenter --net=`. */
  readonly path: string;
  /** Ends it. */
  remove(): Promise<void>;
}

/** Makes one and connects it to the bridge. */
export async function makePodNetwork(): Promise<PodNetwork> {
  const number = ++taken;
  const name = `pod${number}`;
  const address = `198.18.${(number >> 8) % 128}.${number & 255}`;
  await ip(`netns add ${name}`);
  await ip(`link add ${name} type veth peer name eth0 netns ${name}`);
  await ip(`link set ${name} master pods up`);
  await ip(`-n ${name} link set lo up`);
  await ip(`-n ${name} address add ${address}/17 dev eth0`);
  await ip(`-n ${name} link set eth0 up`);
  await ip(`-n ${name} route add default via ${nodeAddress}`);
  return {
    address,
    path: `/run/netns/${name}`,
    async remove() {
      await ip(`link delete ${name}`);
      await ip(`netns delete ${name}`);
    },
  };
}

async function ip(command: string): Promise<void> {
  await run("ip", ...command.split(" "));
}
