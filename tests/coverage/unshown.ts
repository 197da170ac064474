import type { Row } from "./rows.ts";

/** Why no golden, or no request, can show a field. */
export function unshown({ part, field }: Row): Reasons {
  const found = reasons.filter((reason) => applies(reason, part, field));
  return Object.assign(
    {},
    ...found.map(({ golden, request }) => ({
      ...(golden === undefined ? {} : { golden }),
      ...(request === undefined ? {} : { request }),
    })),
  );
}

/** See {@link unshown}. */
export interface Reasons {
  readonly golden?: string;
  readonly request?: string;
}

/** A reason, and the fields of one part of the table that it is for. */
export interface Reason extends Reasons {
  readonly of: string;
  readonly fields: readonly string[];
}

/** Whether a reason is for a field. */
export function applies({ of, fields }: Reason, part: string, field: string): boolean {
  return of === part && fields.includes(field);
}

const status = {
  fields: ["status"],
  golden: "Written, not read: status.yaml of every case that shows status",
  request: "Written for people; tests/kube and tests/file_mode read it",
};

const controller = {
  of: "Configuration",
  golden: "About the controller, not about Envoy: tests of controller/configuration and cli",
  request: "About the controller, not about requests",
};

/** All reasons. One that is not needed any more fails a test. */
export const reasons: readonly Reason[] = [
  { of: "HTTPProxy", ...status },
  { of: "TLSCertificateDelegation", ...status },
  { of: "ExtensionService", ...status },
  { of: "Ingress", ...status },
  {
    of: "ExtensionService",
    fields: [
      "spec.loadBalancerPolicy.requestHashPolicies[].terminal",
      "spec.loadBalancerPolicy.requestHashPolicies[].headerHashOptions.headerName",
      "spec.loadBalancerPolicy.requestHashPolicies[].queryParameterHashOptions.parameterName",
      "spec.loadBalancerPolicy.requestHashPolicies[].hashSourceIP",
    ],
    request: "Envoy's own requests have nothing to hash: a warning says that RoundRobin is used",
  },
  {
    of: "ExtensionService",
    fields: ["spec.timeoutPolicy.idle"],
    request: "Not used, which a warning says",
  },
  {
    ...controller,
    fields: [
      "debug",
      "incluster",
      "kubeconfig",
      "kubernetesClientQPS",
      "kubernetesClientBurst",
      "server",
      "xdsServer",
      "featureFlags",
      "plugins",
      "ingress-status-address",
      "envoy-service-name",
      "envoy-service-namespace",
      "metrics.contour.address",
      "metrics.contour.port",
      "metrics.contour",
      "health",
    ],
  },
  {
    of: "Configuration",
    fields: ["gateway"],
    golden: "Has no effect yet, which a warning says",
    request: "Has no effect yet, which a warning says",
  },
  {
    of: "Configuration",
    fields: ["envoy.http", "envoy.https"],
    request: "Every test of requests chooses its own places",
  },
  {
    of: "Configuration",
    fields: ["metrics.envoy", "envoy.health", "omEnforcedHealthListener"],
    request: "For whoever watches Envoy, not for clients: controller/data_plane asks there",
  },
  {
    of: "Configuration",
    fields: [
      "runtime-settings",
      "listener.max-requests-per-io-cycle",
      "listener.max-connections-per-listener",
    ],
    golden:
      "A resource that only Envoys with a place for it in their bootstrap ask for: controller/configuration/effects_test.ts",
    request: "controller/data_plane/runtime_test.ts reads it off an Envoy that asks",
  },
  {
    of: "Configuration",
    fields: [
      "listener.connection-balancer",
      "listener.max-connections-to-accept-per-socket-event",
    ],
    request: "Between Envoy's threads: which one serves a client is not to be seen",
  },
  {
    of: "Configuration",
    fields: ["listener.socket-options.tos", "listener.socket-options.traffic-class"],
    request: "Marks on packets are for routers; clients do not get to see them",
  },
  {
    of: "Configuration",
    fields: ["timeouts.delayed-close-timeout"],
    request: "Seen only by clients that do not end their side, as a moment more or less",
  },
  {
    of: "Configuration",
    fields: ["timeouts.connect-timeout"],
    request: "Needs an address that swallows packets, which 127.0.0.1 has not",
  },
  {
    of: "Configuration",
    fields: ["cluster.per-connection-buffer-limit-bytes"],
    request: "How much is held at a time; what arrives in the end is the same",
  },
];
