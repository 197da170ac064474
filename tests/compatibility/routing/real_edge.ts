/** Contour and its Envoy beside a real API server, as an operator would start them. */
import { join } from "node:path";
import { envoyBinary } from "../../../controller/data_plane/mod.ts";
import { type ListenPlace, listenPlace } from "../../support/envoy.ts";
import { send } from "../../support/http_client.ts";
import { eventually } from "../../support/wait.ts";
import type { Cluster } from "../../support/cluster/mod.ts";
import { inParallel } from "../../support/in_parallel.ts";
import type { Manifest } from "../../support/cluster/mod.ts";
import { startRealContour } from "../real_contour.ts";

/** A running edge. */
export interface RealEdge extends AsyncDisposable {
  readonly place: ListenPlace;
  /** What the admin interface of its Envoy answers. */
  admin(path: string): Promise<string>;
  /** Resolves when Envoy runs by all that the API server holds. */
  settled(): Promise<void>;
  /** The last lines of the log of Contour. */
  log(): string;
}

/** Starts both with a configuration file; they end together. */
export async function startRealEdge(
  cluster: Cluster,
  configuration: string,
  place: ListenPlace = listenPlace(),
): Promise<RealEdge> {
  const stats = listenPlace();
  const contour = await startRealContour({
    kubeconfig: cluster.kubeconfig,
    folder: cluster.folder,
    configuration,
    flags: [
      `--envoy-service-http-address=${place.address}`,
      `--envoy-service-http-port=${place.http}`,
      `--envoy-service-https-address=${place.address}`,
      `--envoy-service-https-port=${place.https}`,
      `--stats-address=${stats.address}`,
      `--stats-port=${stats.http}`,
    ],
  });
  const bootstrap = join(cluster.folder, `${crypto.randomUUID()}.json`);
  const socket = join(cluster.folder, `${crypto.randomUUID()}.sock`);
  await contour.bootstrap([
    bootstrap,
    `--admin-address=${socket}`,
    `--xds-address=${contour.address}`,
    "--xds-port=8001",
  ]);
  const envoy = new Deno.Command(await envoyBinary(), {
    args: [
      ...["-c", bootstrap, "--service-node", "real", "--service-cluster", "projectcontour"],
      ...["--disable-hot-restart", "--concurrency", "1", "--log-level", "error"],
      ...["--drain-time-s", "1"],
    ],
    env: { CONTOUR_NAMESPACE: "projectcontour", HOSTNAME: "envoy-0" },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const admin = (path: string) => getByUnixSocket(socket, path);
  let serial = 0;
  return {
    place,
    admin,
    log: contour.log,
    async settled() {
      serial++;
      await cluster.apply([canary(String(serial))]);
      await eventually("the canary sings", async () => {
        const { address, http } = place;
        const { body } = await send({ address, port: http }, { host: canaryHost });
        return body === String(serial);
      }, { withinMs: 120_000 });
      await eventually(
        "nothing waits in Envoy",
        async () => !/"warming_state"|"dynamic_warming_clusters"/.test(await admin("/config_dump")),
        {
          withinMs: 60_000,
        },
      );
      // Endpoints go another way than the canary, and are sent first.
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    },
    async [Symbol.asyncDispose]() {
      envoy.kill("SIGKILL");
      await envoy.status;
      await contour.stop();
    },
  };
}

/** Creates objects whose namespaces are there, many at once; returns what the API server refused. */
export async function create(
  cluster: Cluster,
  objects: readonly Manifest[],
): Promise<ReadonlyMap<Manifest, string>> {
  const refused = new Map<Manifest, string>();
  await inParallel(objects, 12, async (object) => {
    const path = (await cluster.pathOf(object)).replace(/\/[^/]+$/, "");
    try {
      await cluster.request("POST", path, object);
    } catch (error) {
      if (!String(error).includes("is answered 422")) throw error;
      refused.set(object, String(error));
    }
  });
  return refused;
}

const canaryHost = "canary.edge.test";

function canary(body: string): Manifest {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: "canary", namespace: "default" },
    spec: {
      virtualhost: { fqdn: canaryHost },
      routes: [{
        directResponsePolicy: { statusCode: 200, body },
        authPolicy: { disabled: true },
      }],
    },
  };
}

async function getByUnixSocket(path: string, target: string): Promise<string> {
  const connection = await Deno.connect({ transport: "unix", path });
  try {
    const request = `GET ${target} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    const text = await new Response(connection.readable).text();
    const [head = "", ...rest] = text.split("\r\n\r\n");
    const body = rest.join("\r\n\r\n");
    return /chunked/i.test(head) ? unchunked(body) : body;
  } finally {
    try {
      connection.close();
    } catch {
      // The answer ended it.
    }
  }
}

function unchunked(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(13, at);
    const size = parseInt(new TextDecoder().decode(bytes.subarray(at, end)), 16);
    if (!(size > 0)) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return parts.map((part) => new TextDecoder().decode(part)).join("");
}
