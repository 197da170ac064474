import assert from "node:assert/strict";
import {
  certgenRules,
  controllerRules,
  namespaceRules,
  type PolicyRule,
} from "../../manifests/topology/mod.ts";
import { ApiError, type KubeRequest } from "../../controller/kube/mod.ts";
import { startCluster } from "../support/cluster/mod.ts";
import { applyAccess, contourAccount, jobAccount, pluginRules } from "./installed.ts";
import { rightsIn } from "./rights.ts";
import { clientOf, proxy } from "./stage.ts";

const own = "/api/v1/namespaces/projectcontour";
const proxies = "/apis/projectcontour.io/v1/namespaces/default/httpproxies";
const leases = "/apis/coordination.k8s.io/v1/namespaces/projectcontour/leases";
const body = {};

/** What somebody who has taken over the controller would like to do. */
const refusedToContour: readonly Pick<KubeRequest, "method" | "path" | "body">[] = [
  { method: "GET", path: `${own}/secrets/contourcert` },
  { method: "DELETE", path: `${own}/secrets/contourcert` },
  { method: "POST", path: `${own}/secrets`, body },
  { method: "PUT", path: `${own}/secrets/envoycert`, body },
  { method: "PATCH", path: "/api/v1/namespaces/default/services/web", body },
  { method: "POST", path: `${own}/pods`, body },
  { method: "GET", path: "/api/v1/pods" },
  { method: "GET", path: "/api/v1/namespaces" },
  { method: "GET", path: "/api/v1/configmaps" },
  { method: "GET", path: "/api/v1/nodes" },
  { method: "POST", path: `${own}/serviceaccounts/contour/token`, body },
  { method: "POST", path: proxies, body },
  { method: "PATCH", path: `${proxies}/shop`, body },
  { method: "PUT", path: `${proxies}/shop`, body },
  { method: "DELETE", path: `${proxies}/shop` },
  { method: "DELETE", path: proxies },
  { method: "PATCH", path: `${proxies}/shop/status`, body },
  { method: "GET", path: `${leases}/another` },
  { method: "PUT", path: `${leases}/another`, body },
  { method: "DELETE", path: `${leases}/leader-elect` },
  { method: "POST", path: leases.replace("projectcontour", "kube-system"), body },
  {
    method: "GET",
    path: "/apis/projectcontour.io/v1alpha1/namespaces/default/contourconfigurations/contour",
  },
  { method: "GET", path: "/apis/rbac.authorization.k8s.io/v1/clusterroles" },
  {
    method: "PATCH",
    path: "/apis/rbac.authorization.k8s.io/v1/clusterroles/contour",
    body,
  },
];

const refusedToCertgen: typeof refusedToContour = [
  { method: "GET", path: `${own}/secrets` },
  { method: "GET", path: `${own}/secrets/contourcert` },
  { method: "DELETE", path: `${own}/secrets/contourcert` },
  { method: "PATCH", path: `${own}/secrets/contourcert`, body },
  { method: "PUT", path: `${own}/secrets/another`, body },
  { method: "POST", path: "/api/v1/namespaces/default/secrets", body },
  { method: "POST", path: `${own}/pods`, body },
];

Deno.test("the rights of the ServiceAccounts", async (t) => {
  await using cluster = await startCluster();
  await applyAccess(cluster);
  await cluster.apply([proxy("shop")]);
  const as = async ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
    await clientOf(
      await cluster.kubeconfigFor(await cluster.serviceAccountToken(namespace, name)),
    );
  using contour = await as(contourAccount);
  using certgen = await as(jobAccount);
  const { signal } = new AbortController();

  for (
    const { who, client, local, everywhere, refused } of [
      {
        who: "contour",
        client: contour,
        local: namespaceRules,
        everywhere: [...controllerRules, ...pluginRules],
        refused: refusedToContour,
      },
      {
        who: "contour-certgen",
        client: certgen,
        local: certgenRules,
        everywhere: [],
        refused: refusedToCertgen,
      },
    ]
  ) {
    for (
      const [namespace, rules] of [
        ["projectcontour", [...everywhere, ...local]],
        ["default", everywhere],
      ] as const
    ) {
      await t.step(
        `${who} in ${namespace} may do what its roles say, and nothing else`,
        async () => {
          const review = await client.request({
            method: "POST",
            path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            body: {
              apiVersion: "authorization.k8s.io/v1",
              kind: "SelfSubjectRulesReview",
              spec: { namespace },
            },
          }, signal) as { readonly status: { readonly resourceRules: readonly PolicyRule[] } };
          const granted = review.status.resourceRules.flatMap(rightsIn)
            .filter((right) =>
              !/^create selfsubject\w+\.auth(orization|entication)\.k8s\.io$/.test(right)
            );
          assert.deepEqual(granted.sort(), rules.flatMap(rightsIn).sort());
        },
      );
    }

    await t.step(`${who} is refused`, async (t) => {
      for (const request of refused) {
        await t.step(`${request.method} ${request.path}`, () =>
          assert.rejects(
            client.request(request, signal),
            (error: Error) => error instanceof ApiError && error.status === 403,
          ));
      }
    });
  }
});
