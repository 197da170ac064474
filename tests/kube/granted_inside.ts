/**
 * The containers of the installation do their work against a real API server with the rights of
 * their ServiceAccounts and the permissions of their image, and ask for nothing beyond.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { envoyBinary, envoyCommand } from "../../controller/data_plane/mod.ts";
import { certgenRules, controllerRules, namespaceRules } from "../../manifests/topology/mod.ts";
import { type Cluster, type Manifest, startCluster } from "../support/cluster/mod.ts";
import { send } from "../support/http_client.ts";
import { eventually, within } from "../support/wait.ts";
import {
  applyAccess,
  contourAccount,
  examples,
  installed,
  jobAccount,
  pluginAccess,
  pluginRules,
  withNamespaces,
} from "./installed.ts";
import {
  type Account,
  containerOf,
  getFrom,
  makePod,
  mount,
  type Pod,
  runContainer,
  startContainer,
} from "./pod.ts";
import { rightsWithoutNames } from "./rights.ts";

const domain = "granted.example.com";

Deno.test("the installation works with the rights and permissions it ships, and uses them all", async (t) => {
  await using audit = await auditedBy([contourAccount, jobAccount]);
  await using cluster = await startCluster({ apiserverArgs: audit.apiserverArgs });
  await applyAccess(cluster);
  const job = await makePod(cluster, "job", jobAccount);
  const contour = await makePod(cluster, "contour", contourAccount);
  const envoy = await makePod(cluster, "envoy");
  await cluster.apply(withNamespaces(await examples()));
  await cluster.apply([
    ...installed.filter(({ kind }) => kind === "Service"),
    hello,
    wrong,
    configuration(contour),
  ]);
  await setEnvoyAddress(cluster, "192.0.2.7");

  await t.step("the Job makes certificates, and again", async () => {
    const container = containerOf(installed, "Job", "contour");
    for (const outcome of ["created", "updated"]) {
      const { code, err } = await runContainer(job, container);
      assert.equal(code, 0, err);
      assert.match(err, new RegExp(`contourcert ${outcome}\n.*envoycert ${outcome}`));
    }
    await mount(contour, "certs", await secretFiles(cluster, "contourcert"));
    await mount(envoy, "certs", await secretFiles(cluster, "envoycert"));
  });

  const config = installed.find(({ kind }) => kind === "ConfigMap");
  await mount(contour, "config", config?.["data"] as Record<string, string>);
  const deployment = containerOf(installed, "Deployment", "contour");
  await using controller = startContainer(contour, deployment);

  await t.step("the controller leads, and writes statuses of every kind", async () => {
    await controller.told("Ready");
    for (const kind of ["httpproxies", "ingresses", "extensionservices"] as const) {
      await eventually(`${kind} have their status`, async () => {
        const { items } = await cluster.request("GET", lists[kind]) as ObjectList;
        assert.ok(items.length > 0);
        return items.every((object) => isReported[kind](object));
      }, { withinMs: 30_000 });
    }
    for (const path of policyLists) {
      await eventually(`${path} have their status`, async () => {
        const { items } = await cluster.request("GET", path) as ObjectList;
        assert.ok(items.length > 0);
        return items.every((object) => object.status?.conditions !== undefined);
      }, { withinMs: 30_000 });
    }
    await eventually("an Ingress hears what is wrong with it", async () => {
      const { items } = await cluster.request("GET", events) as EventList;
      return items.find(({ regarding, note = "" }) =>
        regarding?.kind === "Ingress" && regarding.name === "wrong" && /no-such-secret/.test(note)
      )?.regarding?.uid;
    }, { withinMs: 30_000 });
    const { status } = await cluster.request("GET", await cluster.pathOf(hello)) as Reported;
    assert.equal(status?.currentStatus, "valid");
    assert.equal(status?.loadBalancer?.ingress?.[0]?.ip, "192.0.2.7");
  });

  await t.step("its probes and pages are answered", async () => {
    const { livenessProbe, readinessProbe } = deployment;
    const pages = [
      livenessProbe?.httpGet,
      readinessProbe?.httpGet,
      { path: "/healthz", port: 8000 },
      { path: "/metrics", port: 8000 },
      { path: "/debug/memory", port: 6060 },
    ];
    for (const page of pages) assert.equal((await getFrom(page))[0], 200, JSON.stringify(page));
  });

  const admin = `--admin-address=${join(envoy.folder, "admin", "admin.sock")}`;
  const readyFile = `--ready-file=${join(envoy.folder, "admin", "ok")}`;
  await t.step("an Envoy starts by the bootstrap of its Pod, serves, and is drained", async () => {
    const init = containerOf(installed, "DaemonSet", "envoy-initconfig");
    const { code, err } = await runContainer(envoy, init, [
      "--xds-address=127.0.0.1",
      admin,
    ]);
    assert.equal(code, 0, err);
    const { readinessProbe, lifecycle } = containerOf(installed, "DaemonSet", "envoy");
    await using _running = await startEnvoyBy(join(envoy.folder, "config", "envoy.json"));
    await eventually("Envoy serves", async () => {
      const { status, body } = await send({ address: "127.0.0.1", port: 8080 }, {
        host: domain,
      });
      return status === 200 && body === "hello";
    }, { withinMs: 30_000 });

    assert.equal((await getFrom(readinessProbe?.httpGet))[0], 200);

    const container = containerOf(installed, "DaemonSet", "shutdown-manager");
    await using manager = startContainer(envoy, container, [readyFile]);
    await manager.told("Waiting for the end of Envoy");
    const released = getFrom(lifecycle?.preStop.httpGet);
    const [program, ...args] = container.lifecycle?.preStop.exec?.command ?? [];
    assert.equal(program, "contour");
    const more = [admin, readyFile, "--check-interval=100ms"];
    const drained = await runContainer(envoy, { name: "hook", args }, more);
    assert.equal(drained.code, 0, drained.err);
    const [status] = await within("the shutdown manager lets Envoy go", released);
    assert.equal(status, 200);
    assert.equal((await getFrom(readinessProbe?.httpGet))[0], 503);
    manager.kill("SIGTERM");
    assert.equal(await manager.ended(), 0);
  });

  await t.step("it gives the lease back", async () => {
    controller.kill("SIGTERM");
    assert.equal(await controller.ended(), 0);
    const path = "/apis/coordination.k8s.io/v1/namespaces/projectcontour/leases/leader-elect";
    const { spec } = await cluster.request("GET", path) as Manifest & {
      readonly spec: { readonly holderIdentity?: string };
    };
    assert.equal(spec.holderIdentity ?? "", "");
    // What is told of objects has a code. The Envoy sees the folders of this machine, not its Pod's.
    const elsewhere = /^Error adding\/updating cluster\(s\) plugin\/\S+: paths .* '\/config\//;
    const complaints = controller.events.filter(({ level, code, error }) =>
      code === undefined && level !== "info" && !elsewhere.test(`${error}`)
    );
    assert.deepEqual(complaints, []);
  });

  await t.step("its configuration may be a resource", async () => {
    const args = deployment.args.filter((arg) => !arg.startsWith("--config-path"));
    await using other = startContainer(contour, { ...deployment, args }, [
      "--contour-config-name=contour",
    ]);
    await other.told("Ready");
    other.kill("SIGTERM");
    assert.equal(await other.ended(), 0);
  });

  await t.step("rights in the namespaces that it watches are enough", async () => {
    const bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    await cluster.request("DELETE", `${bindings}/contour`);
    const watched = ["projectcontour", "default"];
    await cluster.apply(watched.map(bindingIn));
    await using other = startContainer(contour, deployment, [
      `--watch-namespaces=${watched}`,
    ]);
    await other.told("Ready");
    other.kill("SIGTERM");
    assert.equal(await other.ended(), 0);
  });

  await t.step("of the API server they ask what they are granted, and nothing else", async () => {
    const asked = await audit.requests();
    assert.deepEqual(asked.filter(({ code }) => code === 403 || code === 401), []);
    const granted = rightsWithoutNames([...controllerRules, ...namespaceRules, ...pluginRules]);
    // Used when somebody else writes a status at the same moment.
    const ofConflicts = /^get (httpproxies|extensionservices|\w+\.policy)\./;
    assert.deepEqual(
      rights(asked, contourAccount).filter((right) => !ofConflicts.test(right)),
      granted.filter((right) => !ofConflicts.test(right)),
    );
    assert.deepEqual(rights(asked, jobAccount), rightsWithoutNames(certgenRules));
  });
});

const hello: Manifest = {
  apiVersion: "projectcontour.io/v1",
  kind: "HTTPProxy",
  metadata: { name: "hello", namespace: "default" },
  spec: {
    virtualhost: { fqdn: domain },
    routes: [{ directResponsePolicy: { statusCode: 200, body: "hello" } }],
  },
};

/** It asks for a certificate that is not there. */
const wrong: Manifest = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "wrong", namespace: "default" },
  spec: {
    tls: [{ hosts: ["wrong.example.com"], secretName: "no-such-secret" }],
    rules: [{
      host: "wrong.example.com",
      http: {
        paths: [{
          path: "/",
          pathType: "Prefix",
          backend: { service: { name: "wrong", port: { number: 80 } } },
        }],
      },
    }],
  },
};

const events = "/apis/events.k8s.io/v1/namespaces/default/events";

interface EventList {
  readonly items: readonly {
    readonly note?: string;
    readonly regarding?: { readonly kind: string; readonly name: string; readonly uid?: string };
  }[];
}

/** Says what the flags of the Deployment say. */
function configuration({ folder }: Pod): Manifest {
  const at = (name: string) => join(folder, "certs", name);
  return {
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ContourConfiguration",
    metadata: { name: "contour", namespace: "projectcontour" },
    spec: {
      xdsServer: {
        tls: { caFile: at("ca.crt"), certFile: at("tls.crt"), keyFile: at("tls.key") },
      },
    },
  };
}

/** The role of the controller, in one namespace. */
function bindingIn(namespace: string): Manifest {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "RoleBinding",
    metadata: { name: "contour-watched", namespace },
    roleRef: { apiGroup, kind: "ClusterRole", name: "contour" },
    subjects: [{ kind: "ServiceAccount", ...contourAccount }],
  };
}

const lists = {
  httpproxies: "/apis/projectcontour.io/v1/httpproxies",
  extensionservices: "/apis/projectcontour.io/v1alpha1/extensionservices",
  ingresses: "/apis/networking.k8s.io/v1/ingresses",
} as const;

/** Where the policies of the plugins in the box are. */
const policyLists = pluginAccess.flatMap(({ kind, metadata }) => {
  if (kind !== "CustomResourceDefinition") return [];
  const [plural = "", ...group] = metadata.name.split(".");
  return [`/apis/${group.join(".")}/v1alpha1/${plural}`];
});

interface Reported {
  readonly status?: {
    readonly currentStatus?: string;
    readonly conditions?: readonly unknown[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

interface ObjectList {
  readonly items: readonly Reported[];
}

const isReported: Readonly<Record<keyof typeof lists, (object: Reported) => boolean>> = {
  httpproxies: ({ status }) => status?.conditions !== undefined,
  extensionservices: ({ status }) => status?.conditions !== undefined,
  ingresses: ({ status }) => Object.keys(status?.loadBalancer ?? {}).length > 0,
};

async function setEnvoyAddress(cluster: Cluster, ip: string): Promise<void> {
  const path = "/api/v1/namespaces/projectcontour/services/envoy/status";
  await cluster.request("PATCH", path, { status: { loadBalancer: { ingress: [{ ip }] } } });
}

/** The files that a Pod sees of a Secret. */
async function secretFiles(cluster: Cluster, name: string): Promise<Record<string, string>> {
  const path = `/api/v1/namespaces/projectcontour/secrets/${name}`;
  const { data } = await cluster.request("GET", path) as { readonly data: Record<string, string> };
  return Object.fromEntries(Object.entries(data).map(([file, text]) => [file, atob(text)]));
}

async function startEnvoyBy(bootstrap: string): Promise<AsyncDisposable> {
  const node = ["--service-cluster", "projectcontour", "--service-node", "envoy-1"];
  const [program = "", ...args] = envoyCommand(
    { binary: await envoyBinary(), concurrency: 1, args: node },
    bootstrap,
  );
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** A request that an account made. */
interface AuditedRequest {
  readonly account: string;
  /** `get`, `list`, `watch` and so on. */
  readonly verb: string;
  /** `httpproxies/status.projectcontour.io`; empty for what is no resource. */
  readonly resource: string;
  readonly code: number;
}

/** An API server that keeps account of what some ServiceAccounts ask. */
async function auditedBy(accounts: readonly Account[]): Promise<
  AsyncDisposable & {
    readonly apiserverArgs: Readonly<Record<string, string>>;
    readonly requests: () => Promise<readonly AuditedRequest[]>;
  }
> {
  const folder = await Deno.makeTempDir({ prefix: "contour-audit-" });
  const policy = join(folder, "policy.json");
  const log = join(folder, "audit.log");
  await Deno.writeTextFile(
    policy,
    JSON.stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules: [{ level: "Metadata", users: accounts.map(userOf) }, { level: "None" }],
    }),
  );
  return {
    apiserverArgs: { "audit-policy-file": policy, "audit-log-path": log },
    async requests() {
      const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
      return lines.map((line) => {
        const { user, verb, objectRef = {}, responseStatus } = JSON.parse(line);
        const { resource = "", subresource, apiGroup } = objectRef;
        const whole = `${resource}${subresource ? `/${subresource}` : ""}`;
        return {
          account: user.username,
          verb,
          resource: `${whole}${apiGroup ? `.${apiGroup}` : ""}`,
          code: responseStatus?.code ?? 0,
        };
      });
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function userOf({ namespace, name }: Account): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** What an account did, each once, in order. */
function rights(requests: readonly AuditedRequest[], account: Account): readonly string[] {
  const own = requests.filter(({ account: name, resource }) =>
    name === userOf(account) && resource !== ""
  );
  return [...new Set(own.map(({ verb, resource }) => `${verb} ${resource}`))].sort();
}
