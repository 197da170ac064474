/** What runs inside the namespaces: the cluster, its node, and one suite after the other. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readManifests, startCluster } from "../support/cluster/mod.ts";
import { Api } from "./api.ts";
import { serveNames } from "./dns.ts";
import { issuerDefinitions, startIssuer } from "./issuer.ts";
import { nodeAddress, setUpNetwork } from "./network.ts";
import { Node } from "./node/node.ts";
import { findPrograms } from "./node/programs.ts";
import { tellReport } from "./report.ts";
import { Services } from "./services.ts";
import { writeTools } from "./tools.ts";

const [sources = "", names = "", focus = ""] = Deno.args;
const reports = Deno.env.get("CONTOUR_SUITE_REPORTS") ??
  await Deno.makeTempDir({ prefix: "contour-suite-reports-" });
const logs = join(reports, "containers");
await Deno.mkdir(logs, { recursive: true });
console.log(`Reports and logs are in ${reports}`);
const folder = await Deno.makeTempDir({ prefix: "contour-suite-" });

await setUpNetwork();
await using cluster = await startCluster({ controllerManager: true, address: nodeAddress });
const definitions = Deno.env.get("CONTOUR_SUITE_CRDS") === "theirs"
  ? join(sources, "source/examples/contour/01-crds.yaml")
  : fileURLToPath(new URL("../../manifests/crds", import.meta.url));
await cluster.apply([...await readManifests(definitions), ...issuerDefinitions]);

const api = new Api(cluster);
serveNames(nodeAddress, new Services(api));
startIssuer(api);
const programs = await findPrograms();
const { hostname, port } = new URL(cluster.url);
const node = new Node({
  api,
  programs,
  folder,
  logs,
  authority: cluster.authority,
  env: {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: Deno.env.get("HOME") ?? "/",
    NO_COLOR: "1",
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
  },
});
await node.join();

const tools = await writeTools(join(folder, "tools"), programs.contour.command);
let failed = false;
for (const name of names.split(",")) {
  const report = join(reports, `${name}.json`);
  const { success } = await new Deno.Command("sh", {
    args: [
      ...["-c", 'log=$1; shift; exec "$@" > "$log" 2>&1', "sh", join(reports, `${name}.log`)],
      join(sources, "bin", `${name}.test`),
      ...["-ginkgo.v", "-ginkgo.timeout=4h", `-ginkgo.json-report=${report}`],
      ...(focus === "" ? [] : [`-ginkgo.focus=${focus}`]),
    ],
    cwd: join(sources, "source/test/e2e", name),
    stdin: "null",
    env: {
      KUBECONFIG: cluster.kubeconfig,
      CONTOUR_E2E_LOCAL_HOST: nodeAddress,
      PATH: `${tools}:${Deno.env.get("PATH")}`,
      SUITE_FOLDER: folder,
    },
  }).spawn().status;
  await tellReport(name, report);
  failed ||= !success;
}
await node.leave();
await api.stop();
await Deno.remove(folder, { recursive: true });
Deno.exit(failed ? 1 : 0);
