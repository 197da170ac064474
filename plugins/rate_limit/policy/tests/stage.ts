/** Policies in a file, the real controller that serves it with its own service, and a real Envoy. */
import { join } from "node:path";
import { configure } from "../../../../controller/configuration/mod.ts";
import { localDefaults, withPlaces } from "../../../../controller/local_configuration.ts";
import { loadPlugins } from "../../../../controller/plugin_host/mod.ts";
import { serve } from "../../../../controller/serve.ts";
import type { LayoutKind } from "../../../../controller/envoy/mod.ts";
import { type Backend, startBackend } from "../../../../tests/support/backend.ts";
import { type ListenPlace, listenPlace } from "../../../../tests/support/envoy.ts";
import { type HttpAnswer, type HttpRequest, send } from "../../../../tests/support/http_client.ts";
import { eventually, within } from "../../../../tests/support/wait.ts";
import rateLimit from "../../mod.ts";

/** See {@link startStage}. */
export interface Stage extends AsyncDisposable {
  readonly backend: Backend;
  /** Puts these documents in place of all before. Resolves when Envoy runs by them. */
  readonly apply: (...documents: readonly string[]) => Promise<void>;
  readonly ask: (request: Request) => Promise<HttpAnswer>;
  /** Asks so often, one after the other; the statuses. */
  readonly statuses: (times: number, request: Request) => Promise<readonly number[]>;
  /** What the log says with errors and warnings; forgotten once it was read. */
  readonly complaints: () => readonly string[];
  readonly metrics: () => Promise<string>;
}

/** A request, the loopback address it comes from, and for TLS whom to trust. */
export type Request = HttpRequest & { readonly from?: string; readonly ca?: string };

/** How to start it. */
export interface StageOptions {
  /** Default: scoped. */
  readonly layout?: LayoutKind;
  /** Those of the plugin. */
  readonly settings?: unknown;
  /** The file of the controller. Default: empty. */
  readonly configuration?: string;
}

/** Starts it. */
export async function startStage(
  { layout = "scoped", settings = {}, configuration = "" }: StageOptions = {},
): Promise<Stage> {
  const folder = await Deno.makeTempDir({ prefix: "contour-rate-limit-" });
  const backend = await startBackend({ name: "backend" });
  const place = listenPlace();
  const complaints: string[] = [];
  const complain = (msg: string, fields: object = {}) => {
    const line = `${msg} ${JSON.stringify(fields)}`;
    if (!harmless.test(line)) complaints.push(line);
  };
  const log = { debug() {}, info() {}, warn: complain, error: complain, with: () => log };
  const stop = new AbortController();
  let edition = 0;
  const path = join(folder, "world.yaml");
  const write = async (documents: readonly string[]) => {
    const all = [...documents, ...backendObjects(backend), ...probes(++edition)];
    await Deno.writeTextFile(`${path}.new`, all.join("\n---\n"));
    await Deno.rename(`${path}.new`, path);
  };
  await write([]);
  const handle = serve({
    source: { kind: "files", paths: [path], namespace: "default" },
    configuration: configurationAt(place, configuration),
    envoy: { kind: "managed" },
    layout,
    plugins: loadPlugins({
      builtIn: [rateLimit],
      requests: [{ name: "rate-limit", settings }],
      folder,
    }),
  }, { log, signal: stop.signal });
  const end = async () => {
    stop.abort();
    await handle.done.finally(() => backend[Symbol.asyncDispose]());
    await Deno.remove(folder, { recursive: true });
  };
  const ask: Stage["ask"] = ({ from, ca, ...request }) =>
    send({
      address: place.address,
      ...(ca === undefined
        ? { port: place.http }
        : { port: place.https, tls: { serverName: request.host, ca } }),
      ...(from === undefined ? {} : { localAddress: from }),
    }, request);
  const settled = () =>
    eventually(`edition ${edition} is served`, async () => {
      // Each worker of Envoy learns of it by itself, and chance says which one answers.
      for (let i = 0; i < 16; i++) {
        const { body } = await ask({ host: probeHost(namespaces[i % 2] ?? "") });
        if (body !== String(edition)) return false;
      }
      return true;
    }, { withinMs: 20_000 });
  try {
    const started = await within("the controller has started", handle.started, 30_000);
    await within("Envoy is ready", handle.ready, 60_000);
    await settled();
    return {
      backend,
      ask,
      async apply(...documents) {
        await write(documents);
        await settled();
      },
      async statuses(times, request) {
        const found: number[] = [];
        for (let i = 0; i < times; i++) found.push((await ask(request)).status);
        return found;
      },
      complaints: () => complaints.splice(0),
      metrics: async () => {
        const { address, port } = started.addresses.http;
        return await (await fetch(`http://${address}:${port}/metrics`)).text();
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw new Error(`The stage cannot be set: ${complaints.join("\n")}`, { cause: error });
  }
}

function configurationAt(place: ListenPlace, text: string) {
  const read = configure({
    source: { kind: "file", name: "contour.yaml", text },
    flags: {},
    defaults: localDefaults,
    namespace: "projectcontour",
  });
  if (!read.ok) throw new Error(`There is something wrong with the configuration: ${text}`);
  return withPlaces(read.configuration, {
    xds: { address: "127.0.0.1", port: 0 },
    http: { address: "127.0.0.1", port: 0 },
    stats: { address: place.address, port: 0 },
    envoyHttp: { address: place.address, port: place.http },
    envoyHttps: { address: place.address, port: place.https },
  });
}

/** Envoy warns of ranges of addresses in rate limits as of something that may still change. */
const harmless = /'xds\.core\.v3\.CidrRange' is contained in proto file/;

/** A root with a rule for each prefix, all to the backend. */
export function proxy(
  name: string,
  {
    namespace = "default",
    fqdn = `${name}.test`,
    prefixes = ["/"],
    plugins = "",
  }: {
    readonly namespace?: string;
    readonly fqdn?: string;
    readonly prefixes?: readonly string[];
    readonly plugins?: string;
  } = {},
): string {
  const routes = prefixes.map((prefix) =>
    `  - conditions: [{prefix: ${prefix}}]\n    services: [{name: backend, port: 80}]\n`
  );
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  virtualhost:
    fqdn: "${fqdn}"
${plugins}
  routes:
${routes.join("")}`;
}

/** A policy for an HTTPProxy, or where `target` says. */
export function policy(
  name: string,
  target: string,
  limits: string,
  { namespace = "default", inherit = false } = {},
): string {
  return `apiVersion: policy.projectcontour.io/v1alpha1
kind: RateLimit
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  targetRef: ${target}
  inherit: ${inherit}
  limits: ${limits}
`;
}

function backendObjects({ port }: Backend): string[] {
  return namespaces.flatMap((namespace) =>
    service("backend", { address: "127.0.0.1", port }, namespace)
  );
}

/** A Service with one endpoint. */
export function service(
  name: string,
  { address, port }: { readonly address: string; readonly port: number },
  namespace = "default",
): string[] {
  return [
    `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {ports: [{port: 80}]}
`,
    `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, namespace: ${namespace}, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{port: ${port}}]
endpoints: [{addresses: ["${address}"]}]
`,
  ];
}

/** Hosts whose answer says what is served; they are there when their backends are, as the others. */
function probes(edition: number): string[] {
  return namespaces.map((namespace) =>
    `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: probe, namespace: ${namespace}}
spec:
  virtualhost: {fqdn: ${probeHost(namespace)}}
  routes:
  - directResponsePolicy: {statusCode: 200, body: "${edition}"}
  - conditions: [{prefix: /backend}]
    services: [{name: backend, port: 80}]
`
  );
}

const namespaces = ["default", "other"];

function probeHost(namespace: string): string {
  return `probe.${namespace}.test`;
}
