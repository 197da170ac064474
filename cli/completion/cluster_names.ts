import {
  type AskedValue,
  lastOfList,
  type Suggestions,
  type SuggestionSource,
} from "../../command_line/mod.ts";
import type { ClusterAccessFlags } from "../cluster_flags.ts";

/** What stands in the kubeconfig that `--kubeconfig`, `KUBECONFIG` or the home folder says. */
export function namesOf(what: "contexts" | "clusters" | "users"): SuggestionSource {
  return async (asked) => {
    const { loadKubeconfigNames } = await import("../../controller/kube/mod.ts");
    const { kubeconfig } = accessSaid(asked);
    const names = await loadKubeconfigNames({
      env: { KUBECONFIG: asked.env("KUBECONFIG"), HOME: asked.env("HOME") },
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
    });
    const values = names[what].map((value) =>
      what === "contexts" && value === names.currentContext
        ? { value, description: "the current context" }
        : { value }
    );
    return { values };
  };
}

/** The namespaces of the cluster that flags name, or of the current context, if it answers at once. */
export async function namespaces(asked: AskedValue): Promise<Suggestions> {
  const { accessFlags } = await import("../cluster_objects.ts");
  const { connect } = await import("../cluster.ts");
  using client = await connect(await accessFlags(accessSaid(asked)));
  const answer = await client.request({
    method: "GET",
    path: "/api/v1/namespaces",
    query: { limit: "1000" },
    timeoutMs: patienceMs,
  }, AbortSignal.timeout(patienceMs));
  const { items = [] } = answer as NamespaceList;
  return { values: items.flatMap(({ metadata }) => metadata?.name ?? []).map(named) };
}

/** The same, several between commas. */
export async function namespaceList(asked: AskedValue): Promise<Suggestions> {
  const { values } = await namespaces(asked);
  return { values: lastOfList(asked.typed, values) };
}

/** How long a prompt may wait for an API server. */
const patienceMs = 1_000;

interface NamespaceList {
  readonly items?: readonly { readonly metadata?: { readonly name?: string } }[];
}

function named(value: string) {
  return { value };
}

function accessSaid({ flag, env }: AskedValue): ClusterAccessFlags {
  const said: { -readonly [Name in keyof ClusterAccessFlags]: ClusterAccessFlags[Name] } = {};
  const kubeconfig = flag("--kubeconfig");
  // What the shell would have made of it is not known yet.
  if (kubeconfig !== undefined) {
    said.kubeconfig = kubeconfig.replace(/^(~|\$HOME|\$\{HOME\})(?=\/)/, env("HOME") ?? "~");
  }
  for (const name of ["context", "cluster", "user", "as"] as const) {
    const value = flag(`--${name}`);
    if (value !== undefined) said[name] = value;
  }
  return said;
}
