import { keyId } from "./api/mod.ts";
import type { ClusterSpec, Route, VirtualHost } from "./graph/mod.ts";

/**
 * Hosts, their rules, and where these send requests, as a graph for Graphviz.
 * See https://graphviz.org/doc/info/lang.html
 */
export function graphDot(hosts: Iterable<VirtualHost>): string {
  const lines = ["digraph contour {", "  rankdir=LR;", "  node [shape=box];"];
  const nodes = new Set<string>();
  const node = (id: string, label: string, shape?: string) => {
    if (nodes.has(id)) return;
    nodes.add(id);
    const looks = shape === undefined ? "" : `, shape=${shape}`;
    lines.push(`  ${quoted(id)} [label=${quoted(label)}${looks}];`);
  };
  const edge = (from: string, to: string, label?: string) => {
    const looks = label === undefined ? "" : ` [label=${quoted(label)}]`;
    lines.push(`  ${quoted(from)} -> ${quoted(to)}${looks};`);
  };
  const target = (from: string, { cluster, label }: Target) => {
    const id = `service ${serviceOf(cluster)}`;
    node(id, serviceOf(cluster), "ellipse");
    edge(from, id, label);
  };
  for (const host of hosts) {
    const id = `host ${host.fqdn}`;
    node(id, `${host.fqdn}\n${keyId(host.owner)}`, "component");
    const { secure } = host;
    if (host.routes.some(({ plain }) => plain !== "absent")) edge("listener http", id);
    if (secure !== undefined) edge("listener https", id);
    for (const [i, route] of host.routes.entries()) {
      const rule = `${id} ${i}`;
      node(rule, `${matchText(route)}\n${keyId(route.origin.object)} ${route.origin.path}`);
      edge(id, rule, `${i + 1}`);
      for (const each of targetsOf(route)) target(rule, each);
    }
    if (secure === undefined || secure.kind === "http") continue;
    for (const { cluster, weight } of secure.proxy.clusters) {
      target(id, { cluster, label: `${secure.kind} ${weight}` });
    }
  }
  lines.push("}", "");
  return lines.join("\n");
}

interface Target {
  readonly cluster: ClusterSpec;
  readonly label: string;
}

function targetsOf({ action }: Route): readonly Target[] {
  if (action.kind !== "forward") return [];
  return [
    ...action.clusters.map(({ cluster, weight }) => ({ cluster, label: `${weight}` })),
    ...action.mirrors.map(({ cluster, percent }) => ({ cluster, label: `mirror ${percent}%` })),
  ];
}

function serviceOf({ namespace, service, port }: ClusterSpec): string {
  return `${namespace}/${service}:${port}`;
}

function matchText({ match, action }: Route): string {
  const { path, headers, query } = match;
  const text = path.kind === "exact"
    ? `= ${path.path}`
    : path.kind === "regex"
    ? `~ ${path.regex}`
    : path.prefix;
  const more = [
    ...headers.map(({ name }) => `header ${name}`),
    ...query.map(({ name }) => `query ${name}`),
    ...(action.kind === "forward" ? [] : [action.kind]),
  ];
  return more.length === 0 ? text : `${text} (${more.join(", ")})`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
