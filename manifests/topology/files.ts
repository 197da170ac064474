import { access } from "./access.ts";
import { certgenJob } from "./certgen.ts";
import { configuration, controller, controllerBudget, xdsService } from "./controller.ts";
import { envoyBudget, envoyDaemonSet, envoyDeployment, envoyService } from "./data_plane.ts";
import type { InstallObject, Namespace } from "./kube.ts";
import { namespace } from "./names.ts";

/** The parts that every installation has, by the file each stands in, in the order of creation. */
export const base: Parts = {
  "access.yaml": access(),
  "certgen.yaml": [certgenJob()],
  "contour.yaml": [configuration(), xdsService(), controller(), controllerBudget()],
  "envoy-service.yaml": [envoyService()],
};

/** How Envoy runs: what stands beside the base, by variant. */
export const variants = {
  /** On every node, at ports of the node: which no policy for Pods but the widest allows. */
  daemonset: {
    "namespace.yaml": [theNamespace("privileged")],
    "envoy.yaml": [envoyDaemonSet()],
  },
  /** Behind the Service alone. */
  deployment: {
    "namespace.yaml": [theNamespace("restricted")],
    "envoy.yaml": [envoyDeployment(), envoyBudget()],
  },
} as const satisfies Readonly<Record<string, Parts>>;

/** Objects by the name of their file. */
export type Parts = Readonly<Record<string, readonly InstallObject[]>>;

/** See {@link variants}. */
export type Variant = keyof typeof variants;

/** Everything of a variant but the CustomResourceDefinitions, in the order of creation. */
export function installation(variant: Variant): readonly InstallObject[] {
  const { "namespace.yaml": first, ...rest } = variants[variant];
  return [...first, ...Object.values(base).flat(), ...Object.values(rest).flat()];
}

/** See https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function theNamespace(policy: "privileged" | "restricted"): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: namespace,
      labels: { "pod-security.kubernetes.io/enforce": policy },
    },
  };
}
