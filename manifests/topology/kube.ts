/**
 * The kinds that the installation is made of, with the fields it uses: a field that is not here is a
 * mistake in spelling. See https://kubernetes.io/docs/reference/kubernetes-api/
 */

/** Any object of the installation. */
export type InstallObject =
  | Namespace
  | ServiceAccount
  | ConfigMap
  | Role
  | RoleBinding
  | Service
  | Workload
  | PodDisruptionBudget;

/** What a name is in and called. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Readonly<Record<string, string>>;
}

export type Labels = Readonly<Record<string, string>>;

export interface Namespace {
  readonly apiVersion: "v1";
  readonly kind: "Namespace";
  readonly metadata: Metadata;
}

export interface ServiceAccount {
  readonly apiVersion: "v1";
  readonly kind: "ServiceAccount";
  readonly metadata: Metadata;
  readonly automountServiceAccountToken?: boolean;
}

export interface ConfigMap {
  readonly apiVersion: "v1";
  readonly kind: "ConfigMap";
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}

export interface Role {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "Role" | "ClusterRole";
  readonly metadata: Metadata;
  readonly rules: readonly PolicyRule[];
}

/** What may be done, to which resources. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** All when absent. */
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly Verb[];
}

export type Verb = "get" | "list" | "watch" | "create" | "update";

export interface RoleBinding {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "RoleBinding" | "ClusterRoleBinding";
  readonly metadata: Metadata;
  readonly roleRef: {
    readonly apiGroup: "rbac.authorization.k8s.io";
    readonly kind: Role["kind"];
    readonly name: string;
  };
  readonly subjects: readonly {
    readonly kind: "ServiceAccount";
    readonly name: string;
    readonly namespace: string;
  }[];
}

export interface Service {
  readonly apiVersion: "v1";
  readonly kind: "Service";
  readonly metadata: Metadata;
  readonly spec: {
    readonly type: "ClusterIP" | "LoadBalancer";
    readonly externalTrafficPolicy?: "Local";
    readonly selector: Labels;
    readonly ports: readonly {
      readonly name: string;
      readonly port: number;
      readonly targetPort?: number | string;
      readonly protocol: "TCP";
    }[];
  };
}

/** What makes Pods. */
export type Workload = Deployment | DaemonSet | Job;

export interface Deployment {
  readonly apiVersion: "apps/v1";
  readonly kind: "Deployment";
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly strategy: {
      readonly type: "RollingUpdate";
      readonly rollingUpdate: { readonly maxSurge: string; readonly maxUnavailable?: number };
    };
    readonly template: PodTemplate;
  };
}

export interface DaemonSet {
  readonly apiVersion: "apps/v1";
  readonly kind: "DaemonSet";
  readonly metadata: Metadata;
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly updateStrategy: {
      readonly type: "RollingUpdate";
      readonly rollingUpdate: { readonly maxUnavailable: string };
    };
    readonly template: PodTemplate;
  };
}

export interface Job {
  readonly apiVersion: "batch/v1";
  readonly kind: "Job";
  readonly metadata: Metadata;
  readonly spec: {
    readonly ttlSecondsAfterFinished: number;
    readonly parallelism: number;
    readonly completions: number;
    readonly backoffLimit: number;
    readonly template: PodTemplate;
  };
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly restartPolicy?: "Never";
  readonly terminationGracePeriodSeconds?: number;
  readonly affinity?: {
    readonly podAntiAffinity: {
      readonly preferredDuringSchedulingIgnoredDuringExecution: readonly {
        readonly weight: number;
        readonly podAffinityTerm: {
          readonly topologyKey: string;
          readonly labelSelector: { readonly matchLabels: Labels };
        };
      }[];
    };
  };
  readonly securityContext: {
    readonly runAsNonRoot: true;
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly seccompProfile: { readonly type: "RuntimeDefault" };
  };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: "IfNotPresent";
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly ports?: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly hostPort?: number;
    readonly protocol: "TCP";
  }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: {
    readonly preStop:
      | { readonly httpGet: HttpGet }
      | { readonly exec: { readonly command: readonly string[] } };
  };
  readonly resources: { readonly requests: { readonly cpu: string; readonly memory: string } };
  readonly securityContext: ContainerSecurity;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: true;
  }[];
}

/** The value is a field of the Pod. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } };
}

export interface Probe {
  readonly httpGet: HttpGet;
  readonly initialDelaySeconds?: number;
  readonly periodSeconds: number;
}

export interface HttpGet {
  readonly path: string;
  readonly port: number;
}

export interface ContainerSecurity {
  readonly allowPrivilegeEscalation: false;
  readonly readOnlyRootFilesystem: true;
  readonly capabilities: { readonly drop: readonly ["ALL"] };
}

export type Volume =
  & { readonly name: string }
  & (
    | { readonly emptyDir: Readonly<Record<string, never>> }
    | { readonly secret: { readonly secretName: string } }
    | { readonly configMap: { readonly name: string } }
  );

export interface PodDisruptionBudget {
  readonly apiVersion: "policy/v1";
  readonly kind: "PodDisruptionBudget";
  readonly metadata: Metadata;
  readonly spec: {
    readonly maxUnavailable: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly unhealthyPodEvictionPolicy: "AlwaysAllow";
  };
}
