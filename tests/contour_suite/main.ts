/**
 * Runs the end-to-end suites of Project Contour, as they are, against our `contour`:
 *
 *     deno task suite [SUITE...] [FOCUS]
 *
 * `SUITE` is one of bootstrap, infra, ingress, httpproxy and incluster (all, when none is named), and
 * `FOCUS` a regular expression that the names of specs have to match. Go, root or user namespaces,
 * and once the Go proxy are needed; the suites are compiled into the user's cache folder.
 *
 * The cluster stands in for kind: a real kube-apiserver, etcd and kube-controller-manager, and in a
 * network namespace one node of ours that is scheduler, kubelet, kube-proxy, name server and
 * cert-manager as far as the suites need them. Envoy is the real one. Images that only stand for
 * backends are servers in this process (`images/`); the others are processes with a network, files and
 * a limit of memory of their own (`node/`). Where a suite builds Project Contour with Go, it gets ours.
 *
 * Variables:
 * - `CONTOUR_SUITE_REPORTS`: a folder for reports, logs of suites and of containers; else a new one.
 * - `CONTOUR_SUITE_BINARY`: a compiled `contour` to test; else the sources.
 * - `CONTOUR_SUITE_CRDS=theirs`: the CRDs of Project Contour instead of ours.
 * - those of the suites, among them `USE_CONTOUR_CONFIGURATION_CRD=true` and
 *   `CONTOUR_E2E_ENVOY_DEPLOYMENT_MODE=deployment`.
 *
 * The exit code is 1 when a spec failed.
 */
import { clusterBinary } from "../support/cluster/mod.ts";
import { denoCommand } from "./deno_command.ts";
import { findPrograms } from "./node/programs.ts";
import { prepareSuites, suiteNames } from "./suites.ts";

const chosen = suiteNames.filter((name) => Deno.args.includes(name));
const focus = Deno.args.filter((arg) => !suiteNames.some((name) => name === arg)).join(" ");
const suites = chosen.length > 0 ? chosen : suiteNames;
// Inside nothing can be fetched.
for (const name of ["etcd", "kube-apiserver", "kube-controller-manager"] as const) {
  await clusterBinary(name);
}
await findPrograms();
const sources = await prepareSuites(suites);
const inside = new URL("./inside.ts", import.meta.url);
const child = new Deno.Command("unshare", {
  args: [
    ...(Deno.uid() === 0 ? [] : ["--map-root-user"]),
    ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
    // The first process of a namespace has to look after those whose parents have ended.
    ...["sh", "-c", '"$@"; exit $?', "sh"],
    ...denoCommand(inside, sources, suites.join(","), focus),
  ],
}).spawn();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // With its first process the kernel ends all of a namespace.
  Deno.addSignalListener(signal, () => child.kill("SIGKILL"));
}
Deno.exit((await child.status).code);
