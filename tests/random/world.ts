import type { KubeObject } from "../../controller/api/mod.ts";
import { objectsOf } from "../support/gateway.ts";
import { keySet, signingKey } from "../support/issuer.ts";
import { makeRevokingAuthority } from "../support/revoking_authority.ts";
import type { Random } from "../support/world/random.ts";
import { names } from "./hints.ts";
import { randomExtension, randomIngress, randomProxy } from "./object.ts";

/** The text of a Secret that is everything at once: certificate, authority, revocations, keys. */
export async function secretText(): Promise<Readonly<Record<string, string>>> {
  const validity = { notBefore: new Date("2020-01-01"), notAfter: new Date("2120-01-01") };
  const authority = await makeRevokingAuthority("World", validity);
  const { certificate, privateKey } = await authority.issue({
    commonName: "a.test",
    dnsNames: ["a.test"],
  });
  return {
    "tls.crt": certificate,
    "tls.key": privateKey,
    "ca.crt": authority.certificate,
    "crl.pem": await authority.revoked(),
    "jwks": keySet(signingKey("one")),
  };
}

/** Objects of all kinds that refer to one another, and how many of them are random. */
export function randomWorld(
  random: Random,
  stringData: Readonly<Record<string, string>>,
): { readonly objects: readonly KubeObject[]; readonly randomCount: number } {
  const made = names.namespaces.flatMap((namespace) => [
    ...[...names.roots, ...names.parts].map((name) => randomProxy(random, namespace, name)),
    ...["i0", "i1", "i2"].map((name) => randomIngress(random, namespace, name)),
    randomExtension(random, namespace, "grpc"),
    randomExtension(random, namespace, "http"),
  ]);
  const surroundings = names.namespaces.flatMap((namespace) =>
    surroundingsOf(
      random,
      namespace,
      stringData,
    )
  );
  return { objects: [...surroundings, ...made], randomCount: made.length };
}

function surroundingsOf(
  random: Random,
  namespace: string,
  stringData: Readonly<Record<string, string>>,
): readonly KubeObject[] {
  const documents = [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace, name: names.secret },
      type: "Opaque",
      stringData,
    },
    {
      apiVersion: "projectcontour.io/v1",
      kind: "TLSCertificateDelegation",
      metadata: { namespace, name: "all" },
      spec: { delegations: [{ secretName: names.secret, targetNamespaces: ["*"] }] },
    },
    ...names.services.flatMap((name) => [
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          namespace,
          name,
          annotations: {
            ...random.maybe(0.2, "projectcontour.io/max-requests", () => String(random.below(9))),
            ...random.maybe(0.2, "projectcontour.io/upstream-protocol.h2c", () => "80"),
          },
        },
        spec: {
          ports: [
            { name: "http", port: 80 },
            {
              name: "https",
              port: 443,
              ...random.maybe(0.2, "appProtocol", () => random.of(["https", "kubernetes.io/h2c"])),
            },
          ],
          ...(random.chance(0.05) ? { type: "ExternalName", externalName: "shop.localhost" } : {}),
        },
      },
      {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { namespace, name, labels: { "kubernetes.io/service-name": name } },
        addressType: "IPv4",
        ports: [{ name: "http", port: 1 }, { name: "https", port: 1 }],
        endpoints: [{ addresses: ["127.0.0.1"] }, { addresses: ["127.0.0.2"] }],
      },
    ]),
  ];
  return objectsOf(documents.map((document) => JSON.stringify(document)).join("\n---\n"));
}
