/** A Pod as the node sees it: the fields of the API that it looks at. */
import type { AnyObject, Metadata } from "../api.ts";

/** See https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export interface Pod extends AnyObject {
  readonly spec: PodSpec;
  readonly status?: { readonly phase?: string };
}

/** What is to run. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

/** One of its programs. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly ports?: readonly { readonly containerPort: number; readonly hostPort?: number }[];
  readonly readinessProbe?: Probe;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly lifecycle?: { readonly preStop?: Probe };
  readonly resources?: { readonly limits?: { readonly memory?: string } };
}

/** Something that is asked of a container. */
export interface Probe {
  readonly httpGet?: {
    readonly path?: string;
    readonly port: number | string;
    readonly scheme?: string;
  };
  readonly tcpSocket?: { readonly port: number | string };
  readonly exec?: { readonly command: readonly string[] };
}

/** A variable of its environment. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

/** Files that containers mount. */
export interface Volume {
  readonly name: string;
  readonly emptyDir?: unknown;
  readonly secret?: { readonly secretName: string; readonly items?: readonly VolumeItem[] };
  readonly configMap?: { readonly name: string; readonly items?: readonly VolumeItem[] };
}

/** A key of a Secret or ConfigMap, and the file it is. */
export interface VolumeItem {
  readonly key: string;
  readonly path: string;
}

/** The environment of a container. */
export function environmentOf(
  container: Container,
  metadata: Metadata,
  address: string,
): Record<string, string> {
  const fields: Readonly<Record<string, string>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "status.podIP": address,
  };
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    env[name] = expand(value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ""] ?? "", env);
  }
  return env;
}

/** Puts variables in the place of `$(NAME)`. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\(([A-Za-z_][\w.-]*)\)/g, (whole, name) => env[name] ?? whole);
}
