/** What the worlds share: Services of every kind, and certificates. */
import type { IssuedCertificate } from "../../../controller/certs/mod.ts";
import { documents, ported, service, tlsSecret } from "../../e2e/manifest.ts";
import { type Stage, stageManifest } from "../../e2e/stage.ts";

/** Objects of `default` and `team`, as YAML. Who uses them by name may not know what they hold. */
export function surroundings(
  stage: Stage,
  { second, fallback }: Readonly<Record<"second" | "fallback", IssuedCertificate>>,
): string {
  const { a, b, c, h2, h2c, https } = stage.backends;
  const { certificate } = stage;
  return documents(
    stageManifest(stage),
    ...["default", "team"].flatMap((namespace) => [
      ...(namespace === "default" ? [] : [
        service("half", [a, stage.backends.sick], { namespace }),
        service("empty", [], { namespace }),
        service("closed", [{ port: 1 }], { namespace }),
        secret("ca", namespace, { "ca.crt": stage.ca }),
        secret("delegated-ca", namespace, { "ca.crt": stage.ca }),
      ]),
      service("app-h2c", [h2c], { namespace, appProtocol: "kubernetes.io/h2c" }),
      documents(
        ...withPorts("noted-h2", namespace, [["plain", 80, c.port], ["secure", 443, h2.port]], {
          "projectcontour.io/upstream-protocol.h2": "secure",
        }),
      ),
      documents(
        ...withPorts("noted-tls", namespace, [["secure", 443, https.port]], {
          "projectcontour.io/upstream-protocol.tls": "443,8443",
        }),
      ),
      service("limited", [b], {
        namespace,
        annotations: {
          "projectcontour.io/max-connections": "100",
          "projectcontour.io/max-pending-requests": "200",
          "projectcontour.io/max-requests": "300",
          "projectcontour.io/max-retries": "4",
          "projectcontour.io/per-host-max-connections": "50",
        },
      }),
      ...(namespace === "default"
        ? [ported("ported", { http: a, other: b })]
        : withPorts("ported", namespace, [["http", 80, a.port], ["other", 81, b.port]])),
    ]),
    tlsSecret("second", second),
    tlsSecret("fallback", fallback),
    tlsSecret("delegated", second, { namespace: "team" }),
    tlsSecret("certificate", certificate, { namespace: "team" }),
    JSON.stringify({
      apiVersion: "projectcontour.io/v1",
      kind: "TLSCertificateDelegation",
      metadata: { name: "delegation", namespace: "team" },
      spec: {
        delegations: [
          { secretName: "delegated", targetNamespaces: ["default"] },
          { secretName: "delegated-ca", targetNamespaces: ["*"] },
        ],
      },
    }),
  );
}

function withPorts(
  name: string,
  namespace: string,
  ports: readonly (readonly [name: string, port: number, target: number])[],
  annotations: Readonly<Record<string, string>> = {},
): readonly string[] {
  return [
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, annotations },
      spec: {
        ports: ports.map(([name, port]) => ({ name, port })),
      },
    }),
    JSON.stringify({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["127.0.0.1"] }],
      ports: ports.map(([name, , port]) => ({ name, port })),
    }),
  ];
}

function secret(name: string, namespace: string, stringData: Readonly<Record<string, string>>) {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "Opaque",
    stringData,
  });
}
