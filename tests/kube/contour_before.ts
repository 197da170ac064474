/**
 * What a cluster has of Contour's own quickstart where that of ours differs or cannot be changed:
 * selectors, role references, and fields that have to be gone afterwards.
 */
import type { Manifest } from "../support/cluster/mod.ts";

const namespace = "projectcontour";
const image = "ghcr.io/projectcontour/contour:v1.33.0";

/** The workloads and bindings of Contour, in the order of creation. */
export const contourBefore: readonly Manifest[] = [
  binding("contour", "contour-certgen", "contour-certgen"),
  binding("contour-rolebinding", "contour", "contour"),
  {
    ...workload("Deployment", "contour"),
    spec: {
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%" } },
      ...podsOf("contour", {
        serviceAccountName: "contour",
        containers: [{
          name: "contour",
          image,
          imagePullPolicy: "Always",
          command: ["contour"],
          args: ["serve", "--incluster", "--kubernetes-debug=0"],
          env: [fromPod("CONTOUR_NAMESPACE", "namespace"), fromPod("POD_NAME", "name")],
          ports: [
            { name: "xds", containerPort: 8001, protocol: "TCP" },
            { name: "metrics", containerPort: 8000, protocol: "TCP" },
            { name: "debug", containerPort: 6060, protocol: "TCP" },
          ],
          livenessProbe: { httpGet: { path: "/healthz", port: 8000 } },
          readinessProbe: { tcpSocket: { port: 8001 }, periodSeconds: 10 },
          volumeMounts: [
            { name: "contourcert", mountPath: "/certs", readOnly: true },
            { name: "contour-config", mountPath: "/config", readOnly: true },
          ],
        }],
        volumes: [
          { name: "contourcert", secret: { secretName: "contourcert" } },
          {
            name: "contour-config",
            configMap: {
              name: "contour",
              items: [{ key: "contour.yaml", path: "contour.yaml" }],
            },
          },
        ],
      }),
    },
  },
  {
    ...workload("DaemonSet", "envoy"),
    spec: {
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      ...podsOf("envoy", {
        serviceAccountName: "envoy",
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 300,
        initContainers: [{
          name: "envoy-initconfig",
          image,
          command: ["contour"],
          args: ["bootstrap", "/config/envoy.json", "--xds-resource-version=v3"],
          volumeMounts: [{ name: "envoy-config", mountPath: "/config" }],
        }],
        containers: [
          {
            name: "shutdown-manager",
            image,
            command: ["/bin/contour"],
            args: ["envoy", "shutdown-manager"],
            lifecycle: { preStop: { exec: { command: ["/bin/contour", "envoy", "shutdown"] } } },
            volumeMounts: [{ name: "envoy-admin", mountPath: "/admin" }],
          },
          {
            name: "envoy",
            image: "docker.io/envoyproxy/envoy:distroless-v1.35.8",
            command: ["envoy"],
            args: ["-c", "/config/envoy.json"],
            ports: [
              { name: "http", containerPort: 8080, hostPort: 80, protocol: "TCP" },
              { name: "https", containerPort: 8443, hostPort: 443, protocol: "TCP" },
              { name: "metrics", containerPort: 8002, hostPort: 8002, protocol: "TCP" },
            ],
            readinessProbe: { httpGet: { path: "/ready", port: 8002 }, periodSeconds: 4 },
            lifecycle: { preStop: { httpGet: { path: "/shutdown", port: 8090 } } },
            volumeMounts: [
              { name: "envoy-config", mountPath: "/config", readOnly: true },
              { name: "envoy-admin", mountPath: "/admin" },
            ],
          },
        ],
        volumes: [
          { name: "envoy-admin", emptyDir: {} },
          { name: "envoy-config", emptyDir: {} },
          { name: "envoycert", secret: { secretName: "envoycert" } },
        ],
      }),
    },
  },
];

function binding(name: string, role: string, account: string): Manifest {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup, kind: "Role", name: role },
    subjects: [{ kind: "ServiceAccount", name: account, namespace }],
  };
}

function workload(kind: string, name: string) {
  return { apiVersion: "apps/v1", kind, metadata: { name, namespace, labels: { app: name } } };
}

function podsOf(app: string, spec: object) {
  return {
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app }, annotations: { "prometheus.io/scrape": "true" } },
      spec: {
        ...spec,
        securityContext: { runAsNonRoot: true, runAsUser: 65_534, runAsGroup: 65_534 },
      },
    },
  };
}

function fromPod(name: string, field: string) {
  return { name, valueFrom: { fieldRef: { fieldPath: `metadata.${field}` } } };
}
