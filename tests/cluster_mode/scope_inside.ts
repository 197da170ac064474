/** What of a cluster is seen and served, as kinds and rights come and go, and by what flags say. */
import assert from "node:assert/strict";
import { type Manifest, readManifests, startCluster } from "../support/cluster/mod.ts";
import { startEnvoy } from "../support/envoy.ts";
import { eventually } from "../support/wait.ts";
import {
  answers,
  ask,
  crds,
  page,
  rootProxy,
  startController,
  startPod,
  statusOf,
} from "./edge.ts";
import { startGate } from "./gate.ts";
import { inOrder } from "./in_order.ts";

interface Status {
  readonly currentStatus?: string;
  readonly description?: string;
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
  readonly conditions?: readonly {
    readonly type: string;
    readonly observedGeneration?: number;
    readonly errors?: readonly { readonly type: string }[];
  }[];
}

Deno.test("what of a cluster is seen: kinds, rights, namespaces, classes, addresses", async (t) => {
  const step = inOrder(t);
  await using cluster = await startCluster();
  await using web = await startPod("web", { number: 2 });
  const definitions = await readManifests(crds);
  const httpProxies = definitions.filter(({ metadata }) =>
    metadata.name === "httpproxies.projectcontour.io"
  );
  const others = definitions.filter((each) => !httpProxies.includes(each));
  const extension: Manifest = {
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { name: "guard", namespace: "default" },
    spec: { protocol: "h2c", services: [{ name: "web", port: 80 }] },
  };
  await cluster.apply([
    ...["projectcontour", "team", "roots"].map(namespace),
    ...web.manifests,
    ...inNamespace("team", web.manifests),
    ...inNamespace("roots", web.manifests),
    ingress("old", "web"),
  ]);
  const token = await cluster.serviceAccountToken("projectcontour", "contour");
  const rights = binding("contour");
  await cluster.apply([rights]);
  const { hostname, port } = new URL(cluster.url);
  await using gate = await startGate({ at: hostname, to: { host: hostname, port: Number(port) } });
  const kubeconfig = await cluster.kubeconfigFor(token);
  await Deno.writeTextFile(
    kubeconfig,
    (await Deno.readTextFile(kubeconfig)).replaceAll(
      cluster.url,
      `https://${hostname}:${gate.port}`,
    ),
  );

  await step("with all of it", async (t) => {
    const step = inOrder(t);
    await using controller = await startController({ cluster, kubeconfig });
    const { place } = controller;
    await using envoy = await startEnvoy({ xdsPort: controller.xdsPort });
    await envoy.ready();

    await step(
      "kinds that are not there are not waited for, but seen when they come",
      async () => {
        await answers(place, "old.test", "web");
        const absent = "HTTPProxy is not served by the API server yet";
        assert.equal((await controller.told(absent)).level, "info");
        assert.equal((await ask(place, "web.test")).status, 404);
        await cluster.apply([...httpProxies, rootProxy("web")]);
        await answers(place, "web.test", "web");
        await statusOf<Status>(cluster, rootProxy("web"), isValid);
        await cluster.apply([...others, extension]);
        await statusOf<Status>(
          cluster,
          extension,
          ({ conditions = [] } = {}) => conditions.length > 0,
        );
      },
    );

    await step("a kind that goes takes its objects along, and comes back with them", async () => {
      const [definition] = httpProxies;
      assert.ok(definition !== undefined);
      await cluster.request("DELETE", await cluster.pathOf(definition));
      await eventually("its hosts are gone", async () => {
        return (await ask(place, "web.test")).status === 404;
      });
      await answers(place, "old.test", "web");
      await eventually("the definition can come back", async () => {
        await cluster.apply(httpProxies);
        return true;
      }, { withinMs: 20_000 });
      await cluster.apply([rootProxy("web")]);
      await answers(place, "web.test", "web");
      await statusOf<Status>(cluster, rootProxy("web"), isValid);
    });

    await step("rights that go take nothing away", async () => {
      const events = controller.events.length;
      await cluster.request("DELETE", await cluster.pathOf(rights));
      gate.cut();
      const { level, error } = await controller.told(
        "HTTPProxy cannot be followed; what was last known is served",
        events,
      );
      assert.equal(level, "error");
      assert.match(String(error), /403 Forbidden/);
      const [, metrics] = await page(`${controller.http}/metrics`);
      assert.match(metrics, /^contour_kubernetes_followed\{kind="HTTPProxy"\} 0$/m);
      await answers(place, "web.test", "web");
      await cluster.apply([rights, rootProxy("web", { fqdn: "later.test" })]);
      await answers(place, "later.test", "web");
      await controller.told("HTTPProxy is followed again", events);
      await cluster.apply([rootProxy("web")]);
    });

    await step("the addresses of the Service of Envoy stand in statuses", async () => {
      const service = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { namespace: "projectcontour", name: "envoy" },
        spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
      };
      await cluster.apply([service]);
      const path = `${await cluster.pathOf(service)}/status`;
      for (const addresses of [[{ ip: "192.0.2.7" }], [{ hostname: "edge.example.com" }]]) {
        await cluster.request("PATCH", path, { status: { loadBalancer: { ingress: addresses } } });
        for (const object of [rootProxy("web"), ingress("old", "web")]) {
          await statusOf<Status>(
            cluster,
            object,
            ({ loadBalancer } = {}) =>
              addresses.every((address) =>
                loadBalancer?.ingress?.some((each) => covers(each, address)) ?? false
              ),
          );
        }
      }
    });

    await step("conditions of others are left alone", async () => {
      const proxy = rootProxy("web");
      const path = await cluster.pathOf(proxy);
      const { status } = await cluster.request("GET", path) as { readonly status: Status };
      const theirs = {
        type: "Checked",
        status: "True",
        reason: "Fine",
        message: "by somebody else",
        lastTransitionTime: "2024-01-01T00:00:00Z",
      };
      await cluster.request("PATCH", `${path}/status`, {
        status: { conditions: [...status.conditions ?? [], theirs] },
      });
      const before = generationIn(status);
      await cluster.apply([rootProxy("web", { service: "nowhere" })]);
      const after = await statusOf<Status>(
        cluster,
        proxy,
        (status) => status?.currentStatus === "invalid" && generationIn(status) > before,
      );
      assert.deepEqual(after?.conditions?.map(({ type }) => type).sort(), ["Checked", "Valid"]);
      assert.deepEqual(after?.conditions?.find(({ type }) => type === "Checked"), theirs);
      await cluster.apply([proxy]);
    });

    controller.kill("SIGTERM");
    assert.equal(await controller.ended(), 0);
  });

  await step("only a namespace", async () => {
    const inside = rootProxy("inside", { namespace: "team", service: "web" });
    const outside = rootProxy("outside", { service: "web" });
    await cluster.apply([inside, outside]);
    await using controller = await startController({
      cluster,
      args: ["--watch-namespaces", "team"],
    });
    await using envoy = await startEnvoy({ xdsPort: controller.xdsPort });
    await envoy.ready();
    await answers(controller.place, "inside.test", "web");
    for (const host of ["outside.test", "old.test", "web.test"]) {
      assert.equal((await ask(controller.place, host)).status, 404, host);
    }
    const status = await statusOf<Status>(cluster, inside, isValid);
    // The Service of Envoy is seen wherever it is.
    assert.deepEqual(status?.loadBalancer?.ingress, [{ hostname: "edge.example.com" }]);
    await assertNoStatus(outside);
    controller.kill("SIGTERM");
    assert.equal(await controller.ended(), 0);
  });

  await step("only roots of a namespace, of a class, without ExtensionServices", async () => {
    const fancy = (name: string, namespace: string, more: object = {}): Manifest =>
      withSpec(rootProxy(name, { namespace, service: "web" }), {
        ingressClassName: "fancy",
        ...more,
      });
    const good = fancy("good", "roots");
    const strange = rootProxy("strange", { namespace: "roots", service: "web" });
    const elsewhere = fancy("elsewhere", "team");
    const guarded = fancy("guarded", "roots", {
      virtualhost: {
        fqdn: "guarded.test",
        authorization: { extensionRef: { name: "guard", namespace: "default" } },
      },
    });
    await cluster.apply([good, strange, elsewhere, guarded, ingress("fancy", "web", "fancy")]);
    await using controller = await startController({
      cluster,
      args: [
        ...["--root-namespaces", "roots", "--ingress-class-name", "fancy"],
        ...["--disable-feature", "extensionservices"],
      ],
    });
    await using envoy = await startEnvoy({ xdsPort: controller.xdsPort });
    await envoy.ready();
    await answers(controller.place, "good.test", "web");
    await answers(controller.place, "fancy.test", "web");
    for (const host of ["strange.test", "elsewhere.test", "old.test", "web.test"]) {
      assert.equal((await ask(controller.place, host)).status, 404, host);
    }
    await statusOf<Status>(cluster, good, isValid);
    const errors = async (object: Manifest) =>
      (await statusOf<Status>(
        cluster,
        object,
        ({ currentStatus } = {}) => currentStatus === "invalid",
      ))?.conditions?.[0]?.errors?.map(({ type }) => type);
    assert.deepEqual(await errors(elsewhere), ["RootNamespaceError"]);
    assert.deepEqual(await errors(guarded), ["AuthError"]);
    await assertNoStatus(strange);
    const [, metrics] = await page(`${controller.http}/metrics`);
    assert.doesNotMatch(metrics, /contour_kubernetes_followed\{kind="ExtensionService"/);
    assert.notEqual((await ask(controller.place, "guarded.test")).status, 200);
  });

  async function assertNoStatus(manifest: Manifest): Promise<void> {
    const { status } = await cluster.request("GET", await cluster.pathOf(manifest)) as {
      readonly status?: Status;
    };
    assert.equal(status?.conditions, undefined, manifest.metadata.name);
  }
});

function isValid(status: Status | undefined): boolean {
  return status?.currentStatus === "valid";
}

function generationIn({ conditions = [] }: Status): number {
  return conditions.find(({ type }) => type === "Valid")?.observedGeneration ?? 0;
}

/** Whether all of an address stands in what a status has of it. */
function covers(found: unknown, address: Readonly<Record<string, unknown>>): boolean {
  const fields = Object.entries(found ?? {});
  return Object.entries(address).every(([name, value]) =>
    fields.some((field) => field[0] === name && field[1] === value)
  );
}

function namespace(name: string): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

function inNamespace(namespace: string, manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.map((manifest) => ({
    ...manifest,
    metadata: { ...manifest.metadata, namespace },
  }));
}

function withSpec(manifest: Manifest, more: object): Manifest {
  return { ...manifest, spec: { ...manifest["spec"] as object, ...more } };
}

function binding(account: string): Manifest {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: account },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", namespace: "projectcontour", name: account }],
  };
}

function ingress(name: string, service: string, ingressClassName?: string): Manifest {
  const backend = { service: { name: service, port: { number: 80 } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace: "default" },
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      rules: [{
        host: `${name}.test`,
        http: { paths: [{ path: "/", pathType: "Prefix", backend }] },
      }],
    },
  };
}
