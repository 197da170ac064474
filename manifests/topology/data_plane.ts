/** Envoy: its Service, and its Pods on every node or as many as wanted. */
import type { DaemonSet, Deployment, PodDisruptionBudget, PodSpec, Service } from "./kube.ts";
import { accounts, apps, contourPorts, envoyImage, envoyPorts, folders, secrets } from "./names.ts";
import { apart, container, contourContainer, named, ofPod, podSpec } from "./pod.ts";

/** Where clients come in. Its addresses are those in the statuses of objects. */
export function envoyService(): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...named("envoy", apps.envoy),
      // Elsewhere this is only a word.
      annotations: { "service.beta.kubernetes.io/aws-load-balancer-backend-protocol": "tcp" },
    },
    spec: {
      type: "LoadBalancer",
      // Keeps the address of the client.
      externalTrafficPolicy: "Local",
      selector: apps.envoy,
      ports: [
        { name: "http", port: 80, targetPort: envoyPorts.http, protocol: "TCP" },
        { name: "https", port: 443, targetPort: envoyPorts.https, protocol: "TCP" },
      ],
    },
  };
}

/** An Envoy on every node, at its ports 80 and 443. */
export function envoyDaemonSet(): DaemonSet {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: named("envoy", apps.envoy),
    spec: {
      selector: { matchLabels: apps.envoy },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      template: {
        metadata: { labels: apps.envoy },
        spec: envoyPod({ takesHostPorts: true }),
      },
    },
  };
}

/** As many Envoys as wanted, reached through the Service alone. */
export function envoyDeployment(): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: named("envoy", apps.envoy),
    spec: {
      replicas: 2,
      selector: { matchLabels: apps.envoy },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "10%", maxUnavailable: 0 } },
      template: {
        metadata: { labels: apps.envoy },
        spec: { ...envoyPod({ takesHostPorts: false }), affinity: apart(apps.envoy) },
      },
    },
  };
}

/** Of the Deployment; the Pods of a DaemonSet stay with their nodes anyway. */
export function envoyBudget(): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: named("envoy", apps.envoy),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: apps.envoy },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}

/**
 * Envoy with a helper: the first container writes what it starts with, and the shutdown manager sees
 * its clients off before it ends.
 */
function envoyPod({ takesHostPorts }: { readonly takesHostPorts: boolean }): PodSpec {
  const { certificates, configuration, admin } = folders;
  const bootstrap = `${configuration}/envoy.json`;
  const onHost = (hostPort: number) => takesHostPorts ? { hostPort } : {};
  return podSpec({
    serviceAccountName: accounts.envoy,
    talksToCluster: false,
    // As long as clients may take to go.
    terminationGracePeriodSeconds: 300,
    initContainers: [contourContainer({
      name: "envoy-initconfig",
      args: [
        "bootstrap",
        bootstrap,
        "--xds-address=contour",
        `--xds-port=${contourPorts.xds}`,
        `--resources-dir=${configuration}/resources`,
        `--envoy-cafile=${certificates}/ca.crt`,
        `--envoy-cert-file=${certificates}/tls.crt`,
        `--envoy-key-file=${certificates}/tls.key`,
      ],
      env: [ofPod("CONTOUR_NAMESPACE", "metadata.namespace")],
      cpu: "10m",
      memory: "128Mi",
      volumeMounts: [
        { name: "envoy-config", mountPath: configuration },
        { name: "envoycert", mountPath: certificates, readOnly: true },
      ],
    })],
    containers: [
      contourContainer({
        name: "shutdown-manager",
        args: ["envoy", "shutdown-manager"],
        lifecycle: { preStop: { exec: { command: ["contour", "envoy", "shutdown"] } } },
        cpu: "10m",
        memory: "128Mi",
        volumeMounts: [{ name: "envoy-admin", mountPath: admin }],
      }),
      container({
        name: "envoy",
        image: envoyImage,
        command: ["envoy"],
        args: [
          "-c",
          bootstrap,
          "--service-cluster",
          "$(CONTOUR_NAMESPACE)",
          "--service-node",
          "$(ENVOY_POD_NAME)",
          "--log-level",
          "info",
        ],
        env: [
          ofPod("CONTOUR_NAMESPACE", "metadata.namespace"),
          ofPod("ENVOY_POD_NAME", "metadata.name"),
        ],
        ports: [
          { name: "http", containerPort: envoyPorts.http, ...onHost(80), protocol: "TCP" },
          { name: "https", containerPort: envoyPorts.https, ...onHost(443), protocol: "TCP" },
          { name: "metrics", containerPort: envoyPorts.metrics, protocol: "TCP" },
        ],
        // Turns when the shutdown manager says so, before connections are closed.
        readinessProbe: {
          httpGet: { path: "/ready", port: envoyPorts.metrics },
          initialDelaySeconds: 3,
          periodSeconds: 4,
        },
        // Answered when the shutdown manager finds Envoy drained: until then it goes on.
        lifecycle: {
          preStop: { httpGet: { path: "/shutdown", port: envoyPorts.shutdownManager } },
        },
        cpu: "100m",
        memory: "128Mi",
        volumeMounts: [
          { name: "envoy-config", mountPath: configuration, readOnly: true },
          { name: "envoycert", mountPath: certificates, readOnly: true },
          { name: "envoy-admin", mountPath: admin },
        ],
      }),
    ],
    volumes: [
      { name: "envoy-admin", emptyDir: {} },
      { name: "envoy-config", emptyDir: {} },
      { name: "envoycert", secret: { secretName: secrets.envoy } },
    ],
  });
}
