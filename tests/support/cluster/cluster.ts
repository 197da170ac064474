/** A control plane of one test: started, used, broken on purpose, and gone with it. */
import { join } from "node:path";
import { eventually } from "../wait.ts";
import { clusterBinary } from "./binaries.ts";
import { Applier, type Manifest } from "./manifests.ts";
import { type ClusterPki, makePki } from "./pki.ts";
import { type ServerProcess, startServer } from "./process.ts";

/** What to start. */
export interface ClusterOptions {
  /** Whether kube-controller-manager runs beside it (EndpointSlices, garbage, ServiceAccounts). */
  readonly controllerManager?: boolean;
  /** The address of this machine where all listens; a loopback address of its own when not given. */
  readonly address?: string;
  /** More arguments of kube-apiserver, each instead of ours of the same name. */
  readonly apiserverArgs?: Readonly<Record<string, string>>;
}

/** A running control plane. */
export interface Cluster extends AsyncDisposable {
  /** Where the API server listens: `https://127.4.5.6:40123`. */
  readonly url: string;
  /** A kubeconfig file of a cluster administrator. */
  readonly kubeconfig: string;
  /** A folder that goes with the cluster. */
  readonly folder: string;
  /** PEM. */
  readonly authority: string;
  /** One request as the administrator; throws what the server answers when that is no success. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** Applies objects on the server's side, in their order; see {@link Applier}. */
  apply(manifests: readonly Manifest[]): Promise<void>;
  /** Where an object is served. */
  pathOf(manifest: Manifest): Promise<string>;
  /** Writes a kubeconfig for a bearer token, and returns its path. */
  kubeconfigFor(token: string): Promise<string>;
  /** A token of a ServiceAccount, which is created when it is not there. */
  serviceAccountToken(namespace: string, name: string): Promise<string>;
  /** Ends the API server; etcd keeps all. */
  stopApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again at the same address. */
  startApiServer(): Promise<void>;
  /** Forgets the past of etcd, up to now; returns the revision. */
  compact(): Promise<number>;
}

/** Starts etcd and kube-apiserver (RBAC, certificates, tokens) on free loopback ports. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const folder = await Deno.makeTempDir({ prefix: "contour-cluster-" });
  const cluster = new TestCluster(folder, options);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

class TestCluster implements Cluster {
  readonly folder: string;
  readonly #options: ClusterOptions;
  readonly #address: string;
  readonly #ports: Readonly<Record<"api" | "etcd" | "peer", number>>;
  readonly #applier = new Applier((...request) => this.request(...request));
  #pki: ClusterPki | undefined;
  #client: Deno.HttpClient | undefined;
  #etcd: ServerProcess | undefined;
  #apiserver: ServerProcess | undefined;
  #manager: ServerProcess | undefined;

  constructor(folder: string, options: ClusterOptions) {
    this.folder = folder;
    this.#options = options;
    this.#address = options.address ?? ownAddress();
    const [api = 0, etcd = 0, peer = 0] = freePorts(this.#address, 3);
    this.#ports = { api, etcd, peer };
  }

  get url(): string {
    return `https://${this.#address}:${this.#ports.api}`;
  }

  get kubeconfig(): string {
    return join(this.folder, "admin.kubeconfig");
  }

  get authority(): string {
    return this.#pki?.authority ?? "";
  }

  async start(): Promise<void> {
    const pki = await makePki(this.#address);
    this.#pki = pki;
    const files = {
      "ca.crt": pki.authority,
      "server.crt": pki.server.certificate,
      "server.key": pki.server.privateKey,
      "admin.crt": pki.admin.certificate,
      "admin.key": pki.admin.privateKey,
      "service-account.key": pki.serviceAccountKey,
      "service-account.pub": pki.serviceAccountPublicKey,
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(this.folder, name), text, { mode: 0o600 });
    }
    await this.#writeKubeconfig(this.kubeconfig, {
      "client-certificate": "admin.crt",
      "client-key": "admin.key",
    });
    this.#client = Deno.createHttpClient({
      caCerts: [pki.authority],
      cert: pki.admin.certificate,
      key: pki.admin.privateKey,
      poolIdleTimeout: 500,
    });
    const client = `http://${this.#address}:${this.#ports.etcd}`;
    const peer = `http://${this.#address}:${this.#ports.peer}`;
    this.#etcd = await startServer("etcd", {
      path: await clusterBinary("etcd"),
      args: flags({
        "data-dir": join(this.folder, "etcd"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": `default=${peer}`,
        "unsafe-no-fsync": "true",
        "log-level": "warn",
      }),
      isReady: () => answers(`${client}/health`),
    });
    await this.startApiServer();
    if (this.#options.controllerManager ?? false) await this.#startManager();
  }

  async startApiServer(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    this.#apiserver = await startServer("kube-apiserver", {
      path: await clusterBinary("kube-apiserver"),
      args: flags({
        "etcd-servers": `http://${this.#address}:${this.#ports.etcd}`,
        "bind-address": this.#address,
        "advertise-address": "127.0.0.1",
        "secure-port": String(this.#ports.api),
        "endpoint-reconciler-type": "none",
        "cert-dir": at("certs"),
        "tls-cert-file": at("server.crt"),
        "tls-private-key-file": at("server.key"),
        "client-ca-file": at("ca.crt"),
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": at("service-account.pub"),
        "service-account-signing-key-file": at("service-account.key"),
        "service-cluster-ip-range": "10.96.0.0/16",
        "authorization-mode": "RBAC",
        "disable-admission-plugins": "ServiceAccount",
        "allow-privileged": "true",
        ...this.#options.apiserverArgs,
      }),
      isReady: async () =>
        (await this.request("GET", "/readyz")) === "ok" && await this.#isSettled(),
    });
  }

  async stopApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#apiserver?.stop(signal);
    this.#apiserver = undefined;
  }

  async compact(): Promise<number> {
    const url = `http://${this.#address}:${this.#ports.etcd}/v3/kv`;
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${url}/${path}`, { method: "POST", body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`etcd answers ${answer.status}: ${text}`);
      return JSON.parse(text);
    };
    const { header } = await post("range", { key: btoa("/") });
    await post("compaction", { revision: header.revision, physical: true });
    return Number(header.revision);
  }

  apply(manifests: readonly Manifest[]): Promise<void> {
    return this.#applier.apply(manifests);
  }

  pathOf(manifest: Manifest): Promise<string> {
    return this.#applier.pathOf(manifest);
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json",
  ): Promise<unknown> {
    const client = this.#client;
    if (client === undefined) throw new Error("The cluster was not started");
    const send = () =>
      fetch(`${this.url}${path}`, {
        method,
        client,
        headers: { "content-type": contentType },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    // For a moment after its start it asks everybody to come back.
    const answer = await eventually(`${method} ${path} is answered`, async () => {
      const answer = await send();
      if (answer.status !== 429) return answer;
      await answer.body?.cancel();
      return undefined;
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} is answered ${answer.status}: ${text}`);
    return answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
  }

  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await this.request("POST", accounts, { metadata: { name } }).catch((error) => {
      if (!String(error).includes("AlreadyExists")) throw error;
    });
    const spec = { expirationSeconds: 3_600 };
    const answer = await this.request("POST", `${accounts}/${name}/token`, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec,
    }) as { readonly status: { readonly token: string } };
    return answer.status.token;
  }

  async kubeconfigFor(token: string): Promise<string> {
    const path = join(this.folder, `${crypto.randomUUID()}.kubeconfig`);
    await this.#writeKubeconfig(path, { token });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#manager?.stop();
    await this.#apiserver?.stop();
    await this.#etcd?.stop();
    this.#client?.close();
    await Deno.remove(this.folder, { recursive: true });
  }

  /** It says it is ready before the roles and the namespaces it makes at start are there. */
  async #isSettled(): Promise<boolean> {
    await this.request("GET", "/api/v1/namespaces/default");
    await this.request("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin");
    return true;
  }

  async #startManager(): Promise<void> {
    const [port = 0] = freePorts(this.#address, 1);
    this.#manager = await startServer("kube-controller-manager", {
      path: await clusterBinary("kube-controller-manager"),
      args: flags({
        "kubeconfig": this.kubeconfig,
        "bind-address": this.#address,
        "secure-port": String(port),
        "cert-dir": join(this.folder, "manager-certs"),
        "service-account-private-key-file": join(this.folder, "service-account.key"),
        "root-ca-file": join(this.folder, "ca.crt"),
        "leader-elect": "false",
        "use-service-account-credentials": "false",
        "concurrent-service-endpoint-syncs": "2",
      }),
      isReady: async () => {
        // Its health is told by a certificate of its own; what it does shows as well.
        await this.request("GET", "/api/v1/namespaces/default/configmaps/kube-root-ca.crt");
        return true;
      },
    });
  }

  async #writeKubeconfig(path: string, user: Readonly<Record<string, string>>): Promise<void> {
    const text = JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{
        name: "test",
        cluster: { server: this.url, "certificate-authority": "ca.crt" },
      }],
      users: [{ name: "test", user }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    });
    await Deno.writeTextFile(path, text, { mode: 0o600 });
  }
}

function flags(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  return answer.ok;
}

/** A loopback address that nobody else takes ports of before our servers do. */
function ownAddress(): string {
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint8Array(3));
  return `127.${1 + a % 254}.${b}.${1 + c % 254}`;
}

function freePorts(hostname: string, count: number): number[] {
  const held = Array.from({ length: count }, () => Deno.listen({ hostname, port: 0 }));
  for (const listener of held) listener.close();
  return held.map(({ addr }) => addr.port);
}
