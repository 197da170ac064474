/** `contour diff` about a cluster: what is there, and the same with files in its place. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../support/command_line.ts";
import { type FakeApiServer, startFakeApiServer } from "../support/cluster/mod.ts";

const lists = {
  HTTPProxy: "/apis/projectcontour.io/v1/httpproxies",
  Service: "/api/v1/services",
} as const;

function shop(service: string, { name = "shop", fqdn = "shop.test" } = {}) {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name, namespace: "web" },
    spec: {
      virtualhost: { fqdn },
      routes: [{ services: [{ name: service, port: 80 }] }],
    },
  };
}

Deno.test("files take the place of what is in the cluster; the rest of it stays", async () => {
  await withCluster(async (server, at, folder) => {
    for (const name of ["a", "b"]) server.put(lists.Service, service(name));
    server.put(lists.HTTPProxy, shop("a"));
    server.put(lists.HTTPProxy, shop("a", { name: "other", fqdn: "other.test" }));
    const file = join(folder, "shop.json");
    await Deno.writeTextFile(file, JSON.stringify(shop("b")));

    const { code, out, err } = await commandLine(["diff", "-f", file, ...at]);
    assert.equal(code, 1, err);
    assert.match(out, /^shop\.test\n {2}~ \* \/\*\* {3}web\/a:80 -> web\/b:80 {2}MOVED\n/);
    assert.match(out, /\nRequests: 1 moved in 1 of 2 hosts\.\n$/);
    assert.match(out, /\(HTTPProxy\/web\/shop:\d+ -> .*shop\.json:1\)/);
    assert.equal(err, "");

    // What the cluster has not is missing, since it would be seen.
    await Deno.writeTextFile(file, JSON.stringify(shop("nobody")));
    const lost = await commandLine(["diff", file, ...at]);
    assert.match(lost.out, /web\/a:80 -> 503 from Envoy {2}LOST/);
    assert.match(lost.err, /service "web\/nobody" not found/);

    // Two sides of files are each completed by the cluster.
    const second = join(folder, "other.json");
    await Deno.writeTextFile(second, JSON.stringify(shop("a")));
    const both = await commandLine(["diff", second, file, ...at]);
    assert.match(both.out, /LOST/);
    await Deno.writeTextFile(file, JSON.stringify(shop("a")));
    assert.equal((await commandLine(["diff", file, ...at])).code, 0);
  });
});

Deno.test("a cluster that does not answer is code 2, and none is asked without need", async () => {
  await withCluster(async (server, at, folder) => {
    const file = join(folder, "shop.json");
    await Deno.writeTextFile(file, JSON.stringify(shop("b")));
    const before = server.requests.length;
    assert.equal((await commandLine(["diff", file, file])).code, 0);
    assert.equal(server.requests.length, before);
    const { code, err } = await commandLine(["diff", file, "--kubeconfig", join(folder, "none")]);
    assert.equal(code, 2);
    assert.match(err, /^error: /);
    assert.equal((await commandLine(["diff", ...at])).code, 2, "no files are named");
  });
});

function service(name: string) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "web" },
    spec: { ports: [{ port: 80 }] },
  };
}

async function withCluster(
  work: (server: FakeApiServer, at: readonly string[], folder: string) => Promise<void>,
): Promise<void> {
  await using server = startFakeApiServer();
  const folder = await Deno.makeTempDir();
  const kubeconfig = join(folder, "config");
  await Deno.writeTextFile(
    kubeconfig,
    JSON.stringify({
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      clusters: [{ name: "test", cluster: { server: server.url } }],
      users: [{ name: "test", user: { token: "token" } }],
    }),
  );
  try {
    await work(server, ["--kubeconfig", kubeconfig], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
