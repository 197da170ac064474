/** What all Pods and containers of the installation have in common. */
import type { Container, EnvironmentVariable, Labels, PodSpec } from "./kube.ts";
import { image, namespace, nobody } from "./names.ts";

/** A Pod without any right on its node. */
export function podSpec(
  { serviceAccountName, talksToCluster, ...rest }: PodParts,
): PodSpec {
  return {
    serviceAccountName,
    automountServiceAccountToken: talksToCluster,
    ...rest,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nobody,
      runAsGroup: nobody,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/** What differs from Pod to Pod. */
export interface PodParts
  extends Omit<PodSpec, "automountServiceAccountToken" | "securityContext"> {
  /** Whether it gets a token for the API server. */
  readonly talksToCluster: boolean;
}

/** A container that can neither write its file system nor become more than it is. */
export function container(
  { name, image, command, args, cpu, memory, ...parts }: ContainerParts,
): Container {
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    command,
    args,
    ...parts,
    resources: { requests: { cpu, memory } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/** What differs from container to container. */
export interface ContainerParts
  extends Omit<Container, "imagePullPolicy" | "resources" | "securityContext"> {
  /** What it needs when little happens. */
  readonly cpu: string;
  readonly memory: string;
}

/** A container that runs `contour`. */
export function contourContainer(
  parts: Omit<ContainerParts, "image" | "command">,
): Container {
  return container({ ...parts, image, command: ["contour"] });
}

/** An environment variable that tells a container of its own Pod. */
export function ofPod(name: string, fieldPath: string): EnvironmentVariable {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** Where an object of the installation is. */
export function named(name: string, labels: Labels) {
  return { name, namespace, labels };
}

/** Pods of a kind keep away from each other's nodes where they can. */
export function apart(labels: Labels): NonNullable<PodSpec["affinity"]> {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 100,
        podAffinityTerm: {
          topologyKey: "kubernetes.io/hostname",
          labelSelector: { matchLabels: labels },
        },
      }],
    },
  };
}
