/** What the API server is told of a Pod. */
import { nodeAddress } from "../network.ts";
import type { Container } from "./pod.ts";

/** How a container is. */
export interface ContainerState {
  readonly container: Container;
  ready: boolean;
  restarts: number;
  /** Set while it runs. */
  process: unknown;
  /** How it ended last. */
  exit: { readonly code: number } | undefined;
}

/** The status of a Pod with this address, since then. */
export function podStatus(
  address: string,
  startTime: string,
  states: readonly ContainerState[],
): unknown {
  const isReady = states.every(({ ready }) => ready);
  const isDone = states.every(({ exit, restarts, process }) =>
    exit !== undefined && restarts === 0 && process === undefined
  );
  const hasFailed = states.some(({ exit }) => exit !== undefined && exit.code !== 0);
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? "True" : "False",
    lastTransitionTime: startTime,
  });
  return {
    phase: !isDone ? "Running" : hasFailed ? "Failed" : "Succeeded",
    hostIP: nodeAddress,
    podIP: address,
    podIPs: [{ ip: address }],
    startTime,
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", isReady),
      condition("Ready", isReady),
    ],
    containerStatuses: states.map(({ container, ready, restarts, exit, process }) => ({
      name: container.name,
      image: container.image,
      imageID: container.image,
      ready,
      started: ready,
      restartCount: restarts,
      state: exit !== undefined && process === undefined
        ? { terminated: { exitCode: exit.code } }
        : { running: { startedAt: startTime } },
    })),
  };
}
