import type { Diagnostic } from "../controller/api/mod.ts";
import { backendText } from "./backend.ts";
import { noteCanaryReach } from "./canary_reach.ts";
import { checkMade } from "./check_made.ts";
import { convertHosts, hostsOf } from "./hosts.ts";
import { convertIngressRoutes } from "./ingress_routes.ts";
import { classOf, ingressSettings } from "./ingress_settings.ts";
import { nginxConfig } from "./nginx/config.ts";
import { type Note, Notes } from "./note.ts";
import { type Made } from "./output.ts";
import { outputNames } from "./output_names.ts";
import { claimPolicies, writtenPolicies } from "./plugin_policies.ts";
import { type OutputFile, render } from "./rendering.ts";
import { type RequestTest, requestTests } from "./request_tests.ts";
import { readSources, type SourceFile } from "./sources.ts";
import { type ConvertOptions, Workshop } from "./workshop.ts";

/**
 * Makes HTTPProxies of Ingresses (`networking.k8s.io/v1`, `v1beta1`, `extensions/v1beta1`) and of
 * IngressRoutes. Services and ConfigMaps among the files are looked at, and not written. Whatever is
 * not carried over is noted; nothing is lost silently. Same files, same bytes.
 *
 * @example
 * ```ts
 * import { convert } from "../mod.ts";
 *
 * const text = `
 * apiVersion: networking.k8s.io/v1
 * kind: Ingress
 * metadata: { name: shop }
 * spec:
 *   rules:
 *     - host: shop.example.com
 *       http:
 *         paths:
 *           - path: /cart
 *             pathType: Prefix
 *             backend: { service: { name: cart, port: { number: 80 } } }
 * `;
 * const { files: [file], notes } = convert([{ file: "shop.yaml", text }]);
 * if (!file?.text.includes("fqdn: shop.example.com")) throw new Error("Not converted");
 * if (notes.some(({ verdict }) => verdict !== "kept")) throw new Error("Not all is kept");
 * ```
 */
export function convert(
  files: readonly SourceFile[],
  options: ConvertOptions & WriteOptions = {},
): Conversion {
  const notes = new Notes();
  const sources = readSources(files, options.namespace ?? "default", notes);
  const workshop = new Workshop(sources, notes, options);
  const { ingressClass } = options;
  const { ingresses: chosen, claimed } = claimPolicies(
    sources.ingresses.filter((ingress) =>
      ingressClass === undefined || classOf(ingress) === ingressClass
    ),
    options.plugins ?? [],
    notes,
  );
  const config = nginxConfig(workshop);
  const read = chosen.map((ingress) => ({
    ingress,
    settings: ingressSettings(workshop, ingress, config),
  }));
  for (const { ingress } of read) {
    const { defaultBackend, rules } = ingress.body;
    if (hostsOf(ingress, options.hosts ?? []).length > 0) continue;
    if (defaultBackend === undefined && rules.length > 0) continue;
    notes.add(ingress.note, defaultBackend?.path ?? "spec", {
      verdict: "lost",
      subject: defaultBackend === undefined
        ? "an Ingress without rules"
        : `the default backend: ${backendText(defaultBackend)}`,
      message: "an HTTPProxy is for one host name: name the hosts with --host, or keep the Ingress",
      place: { within: "nowhere" },
    });
  }
  const hosts = convertHosts(workshop, read);
  noteCanaryReach(workshop, hosts);
  convertIngressRoutes(workshop);
  workshop.addDelegations();
  checkMade(workshop);
  const order = new Map(files.map(({ file }, index) => [file, index]));
  const made = [...workshop.made].sort((a, b) =>
    (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || compare(rank(a), rank(b)) ||
    compare(a.namespace, b.namespace) || compare(a.name, b.name)
  );
  const { format = "yaml", outDir } = options;
  const names = outputNames(files.map(({ file }) => file), format);
  const policies = writtenPolicies(claimed, made, notes);
  const rendered = render([...made, ...policies], notes.drafts, {
    format,
    fileOf: (source) =>
      outDir === undefined ? "<stdout>" : `${outDir}/${names.get(source) ?? source}`,
  });
  return {
    ...rendered,
    diagnostics: sources.diagnostics,
    tests: requestTests(hosts),
    counts: {
      ingresses: chosen.length,
      ingressRoutes: sources.ingressRoutes.length,
      passedOver: sources.ingresses.length - chosen.length,
      httpProxies: made.filter(({ object: { kind } }) => kind === "HTTPProxy").length,
      others: policies.length +
        made.filter(({ object: { kind } }) => kind !== "HTTPProxy").length,
    },
  };
}

/** How to write the result. */
export interface WriteOptions {
  readonly format?: "yaml" | "json";
  /** A folder, for a file each input file; all is one text if left out. */
  readonly outDir?: string;
}

/** What came of it. */
export interface Conversion {
  /** Without a folder one file `<stdout>`, or none when there is nothing to write. */
  readonly files: readonly OutputFile[];
  /** Everything the input said, by place. */
  readonly notes: readonly Note[];
  /** What could not be read. */
  readonly diagnostics: readonly Diagnostic[];
  /** Requests, and what becomes of them before and after. */
  readonly tests: readonly RequestTest[];
  readonly counts: ConversionCounts;
}

/** How much. */
export interface ConversionCounts {
  readonly ingresses: number;
  readonly ingressRoutes: number;
  /** Ingresses of other classes. */
  readonly passedOver: number;
  readonly httpProxies: number;
  /** Delegations, ExtensionServices and policies of plugins. */
  readonly others: number;
}

function rank({ object }: Made): string {
  const kinds = ["TLSCertificateDelegation", "ExtensionService", "HTTPProxy"];
  const isPart = object.kind === "HTTPProxy" && object.spec.virtualhost === undefined;
  return `${kinds.indexOf(object.kind)}${isPart ? 1 : 0}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
