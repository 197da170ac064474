/** Commands about files, asked about a cluster: a real API server says what there is. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import { parts } from "../../cli/main.ts";
import { commandLine } from "../support/command_line.ts";
import { type Manifest, readManifests, startCluster } from "../support/cluster/mod.ts";

const crds = fileURLToPath(new URL("../../manifests/crds", import.meta.url));

const objects = loadAll(`
apiVersion: v1
kind: Namespace
metadata: { name: web }
---
apiVersion: v1
kind: Namespace
metadata: { name: other }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: web }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Secret
metadata: { name: odd, namespace: web }
type: Opaque
stringData: { tls.key: never-shown }
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata:
  name: shop
  namespace: web
  labels: { app: shop }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:
    - conditions: [{ prefix: /cart }]
      services: [{ name: cart, port: 80 }]
    - services: [{ name: shop, port: 80 }]
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: other, namespace: other }
spec:
  virtualhost: { fqdn: other.example.com }
  routes: [{ services: [{ name: nothing, port: 80 }] }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: old
  namespace: web
  annotations: { nginx.ingress.kubernetes.io/configuration-snippet: "more_clear_input_headers x; limit_rate 1k;" }
spec:
  ingressClassName: nginx
  rules:
    - host: old.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }
`) as Manifest[];

Deno.test("lint, explain, test, status and convert about a cluster", async (t) => {
  await using cluster = await startCluster();
  const { kubeconfig } = cluster;
  const at = ["--kubeconfig", kubeconfig];
  const contour = (...args: string[]) =>
    commandLine(args, {
      parts: { statuses: parts.statuses },
      readStdin: () => Promise.resolve(newRoute),
    });

  await t.step("kinds that the server does not know have no objects", async () => {
    const { code, out, err } = await contour("lint", ...at);
    assert.deepEqual([code, out], [0, ""], err);
  });
  await cluster.apply(await readManifests(crds));
  await cluster.apply(objects);

  await t.step("lint of a cluster assumes nothing, and shows what stands there", async () => {
    const all = await contour("lint", ...at, "-o", "json");
    assert.equal(all.code, 1, all.err);
    const { diagnostics, assumed, summary } = JSON.parse(all.out);
    assert.deepEqual(assumed, []);
    assert.equal(summary.files, 0);
    const places = diagnostics.filter(({ severity }: { severity: string }) => severity === "error")
      .map(({ file, path }: { file: string; path: string }) => `${file} ${path}`);
    assert.deepEqual(places, [
      "HTTPProxy/other/other spec.routes[0].services[0].name",
      "HTTPProxy/web/shop spec.routes[0].services[0].name",
    ]);
    const text = await contour("lint", ...at, "-n", "web", "-o", "text");
    assert.match(text.out, /--> HTTPProxy\/web\/shop:\d+:\d+\n[^]*name: cart\n[^]*\^/);
    assert.doesNotMatch(text.out, /other/);
    assert.doesNotMatch(text.out + all.out, /never-shown|bmV2ZXItc2hvd24/);
    const chosen = await contour("lint", ...at, "-l", "app=shop", "-o", "concise");
    assert.doesNotMatch(chosen.out, /HTTPProxy\/other/);
    assert.match(chosen.out, /HTTPProxy\/web\/shop/);
  });

  await t.step("lint of files takes the cluster for what is around them", async () => {
    const { code, out } = await contour("lint", ...at, "-", "-o", "concise");
    assert.equal(code, 1);
    assert.deepEqual(out.trim().split("\n").length, 1, out);
    assert.match(out, /^<stdin>:\d+:\d+: error\[CTR\d+\] .*typo/);
    const alone = await contour("lint", "-");
    assert.equal(alone.code, 0);
  });

  await t.step("explain and test ask the model of the cluster", async () => {
    const explained = await contour("explain", ...at, "http://shop.example.com/x");
    assert.equal(explained.code, 0, explained.err);
    assert.match(explained.out, /^-> web\/shop:80/m);
    assert.match(explained.out, /^rule +HTTPProxy\/web\/shop spec\.routes\[1\]/m);
    const missing = await contour("explain", ...at, "http://shop.example.com/cart");
    assert.match(missing.out, /^-> 503/m);
    const changed = await contour("explain", ...at, "http://shop.example.com/new", "-f", "-");
    assert.match(changed.out, /^rule +<stdin>:\d+/m);

    const cases = join(cluster.folder, "requests.yaml");
    await Deno.writeTextFile(cases, requests);
    const tested = await contour("test", ...at, cases, "-o", "json", "--coverage");
    assert.equal(tested.code, 1, tested.err);
    const { summary, coverage } = JSON.parse(tested.out);
    assert.deepEqual(summary, { cases: 2, passed: 1, failed: 1 });
    assert.equal(coverage.routes, 3);
  });

  await t.step("status tells the verdicts on live objects", async () => {
    const { code, out, err } = await contour("status", ...at, "-n", "web");
    assert.equal(code, 1, err);
    assert.match(out, /^web +shop +shop\.example\.com +invalid /m);
    assert.doesNotMatch(out, /other\.example/);
    assert.match(err, /HTTPProxy\/web\/shop spec\.routes\[0\]/);
  });

  await t.step("convert makes HTTPProxies of what is there", async () => {
    const { code, out, err } = await contour("convert", ...at, "-A");
    assert.equal(code, 0, err);
    assert.match(out, /fqdn: old\.example\.com/);
    assert.match(err, /^Ingress\/web\/old:\d+:\d+ +lost /m);
    const none = await contour("convert", ...at, "-l", "app=none", "-o", "json", "-q");
    assert.deepEqual(JSON.parse(none.out), { apiVersion: "v1", kind: "List", items: [] });
  });

  await t.step("a kind we may not list is told, and taken for there", async () => {
    const reader = await withRights(cluster, "reader", [
      "httpproxies",
      "services",
      "tlscertificatedelegations",
      "extensionservices",
      "endpointslices",
      "ingresses",
    ]);
    const { err, out } = await contour("lint", "--kubeconfig", reader, "-o", "json");
    assert.match(
      err,
      /^warning: Cannot list Secrets in all namespaces \(-n reads one alone\): .*403/m,
    );
    // One Service more is the API server's own.
    assert.equal(JSON.parse(out).summary.objects, 5);
    const nobody = await withRights(cluster, "nobody", ["services"]);
    const refused = await contour("lint", "--kubeconfig", nobody);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /Cannot list HTTPProxies in all namespaces .*403/);
    const acting = await contour("lint", ...at, "--as", "nobody-at-all");
    assert.equal(acting.code, 2);
    assert.match(acting.err, /nobody-at-all/);
  });

  await t.step("wrong calls", async () => {
    const wrong: readonly (readonly [args: readonly string[], words: RegExp])[] = [
      [["--context", "tset"], /context "tset" is not there, did you mean "test"\?/],
      [["--cluster", "none"], /cluster "none" is not there/],
      [["--user", "none"], /user "none" is not there/],
      [["-A", "-n", "web"], /-n and -A exclude each other/],
      [["-l", "a b"], /no part of a label selector/],
      [["--request-timeout", "soon"], /A duration is needed/],
    ];
    for (const [args, words] of wrong) {
      const { code, err } = await contour("lint", ...at, ...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(err, words);
    }
    const lost = await contour("diff", "-l", "app=shop", "old", "new");
    assert.equal(lost.code, 2);
    assert.match(lost.err, /name one with --context/);
    const whole = await contour("explain", ...at, "-l", "app=shop", "http://x.test/");
    assert.equal(whole.code, 2);
    assert.match(whole.err, /A request meets all objects there are/);
  });

  await t.step("a server that does not answer is told with its reason", async () => {
    await cluster.stopApiServer("SIGKILL");
    for (const args of [["lint"], ["convert"], ["status"], ["explain", "http://x.test/"]]) {
      const { code, err } = await contour(...args, ...at, "--request-timeout", "5s");
      assert.equal(code, 2, args.join(" "));
      assert.match(err, /Cannot reach the cluster: /);
    }
  });
});

const newRoute = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, namespace: web }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes:
    - conditions: [{ prefix: /new }]
      services: [{ name: shop, port: 80 }]
    - services: [{ name: typo, port: 80 }]
`;

const requests = `
version: 1
tests:
  - name: front page
    request: { url: "http://shop.example.com/" }
    expect: { services: ["web/shop:80"] }
  - name: cart
    request: { url: "http://shop.example.com/cart" }
    expect: { services: ["web/cart:80"] }
`;

/** A kubeconfig of a ServiceAccount that may list these everywhere. */
async function withRights(
  cluster: Awaited<ReturnType<typeof startCluster>>,
  name: string,
  resources: readonly string[],
): Promise<string> {
  await cluster.apply([
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name },
      rules: [{ apiGroups: ["*"], resources, verbs: ["list"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: "default" }],
    },
  ]);
  return await cluster.kubeconfigFor(await cluster.serviceAccountToken("default", name));
}
