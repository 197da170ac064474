/** The controller: its configuration, its Service and its replicas. */
import type { ConfigMap, Deployment, PodDisruptionBudget, Service } from "./kube.ts";
import { accounts, apps, contourPorts, folders, secrets } from "./names.ts";
import { apart, contourContainer, named, ofPod, podSpec } from "./pod.ts";

/** The configuration file. What it says holds from the next start of a Pod on. */
export function configuration(): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: named("contour", apps.contour),
    data: {
      "contour.yaml": [
        "# All keys: docs/configuration.md. Pods of contour read this when they start.",
        "accesslog-format: envoy",
        "disablePermitInsecure: false",
        "",
      ].join("\n"),
    },
  };
}

/** Where Envoys find their configuration, and ask about rate limits. */
export function xdsService(): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: named("contour", apps.contour),
    spec: {
      type: "ClusterIP",
      selector: apps.contour,
      ports: [
        { name: "xds", port: contourPorts.xds, targetPort: "xds", protocol: "TCP" },
        {
          name: "rate-limits",
          port: contourPorts.rateLimits,
          targetPort: "rate-limits",
          protocol: "TCP",
        },
      ],
    },
  };
}

/** Two replicas: both serve Envoys, one of them writes statuses. */
export function controller(): Deployment {
  const { certificates, configuration: config } = folders;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: named("contour", apps.contour),
    spec: {
      replicas: 2,
      selector: { matchLabels: apps.contour },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: 0 } },
      template: {
        metadata: { labels: apps.contour },
        spec: podSpec({
          serviceAccountName: accounts.contour,
          talksToCluster: true,
          affinity: apart(apps.contour),
          containers: [contourContainer({
            name: "contour",
            args: [
              "serve",
              "--incluster",
              "--xds-address=0.0.0.0",
              `--xds-port=${contourPorts.xds}`,
              `--contour-cafile=${certificates}/ca.crt`,
              `--contour-cert-file=${certificates}/tls.crt`,
              `--contour-key-file=${certificates}/tls.key`,
              `--config-path=${config}/contour.yaml`,
            ],
            env: [ofPod("CONTOUR_NAMESPACE", "metadata.namespace")],
            ports: [
              { name: "xds", containerPort: contourPorts.xds, protocol: "TCP" },
              { name: "rate-limits", containerPort: contourPorts.rateLimits, protocol: "TCP" },
              { name: "metrics", containerPort: contourPorts.metrics, protocol: "TCP" },
              { name: "debug", containerPort: contourPorts.debug, protocol: "TCP" },
            ],
            // Not /healthz: while the API server is away a restart would lose what is served.
            livenessProbe: {
              httpGet: { path: "/livez", port: contourPorts.metrics },
              periodSeconds: 10,
            },
            readinessProbe: {
              httpGet: { path: "/readyz", port: contourPorts.metrics },
              periodSeconds: 5,
            },
            cpu: "100m",
            memory: "256Mi",
            volumeMounts: [
              { name: "contourcert", mountPath: certificates, readOnly: true },
              { name: "contour-config", mountPath: config, readOnly: true },
            ],
          })],
          volumes: [
            { name: "contourcert", secret: { secretName: secrets.contour } },
            { name: "contour-config", configMap: { name: "contour" } },
          ],
        }),
      },
    },
  };
}

/** One replica at a time may be taken away from its node. */
export function controllerBudget(): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: named("contour", apps.contour),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: apps.contour },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
