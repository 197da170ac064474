import { formatPath } from "../controller/api/mod.ts";
import type { RunningPlugin } from "../controller/plugin/mod.ts";
import type { Notes } from "./note.ts";
import { type Made, ordered, type PolicyDraft, type Written } from "./output.ts";
import type { SourceIngress } from "./sources.ts";

/** A policy that comes of the annotations of an Ingress, before it is known what it is for. */
export interface ClaimedPolicy {
  readonly ingress: SourceIngress;
  readonly apiVersion: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The annotations behind it. */
  readonly annotations: readonly string[];
}

/**
 * Lets plugins take the annotations that they know: the Ingresses without these, and the policies
 * that come of them. What a plugin does not express is noted with its reason.
 */
export function claimPolicies(
  ingresses: readonly SourceIngress[],
  plugins: readonly RunningPlugin[],
  notes: Notes,
): { readonly ingresses: readonly SourceIngress[]; readonly claimed: readonly ClaimedPolicy[] } {
  const claimed: ClaimedPolicy[] = [];
  const left = ingresses.map((ingress) => {
    const mine = plugins.flatMap((plugin) => claimsOf(plugin, ingress, notes));
    claimed.push(...mine);
    const taken = new Set(mine.flatMap(({ annotations }) => annotations));
    if (taken.size === 0) return ingress;
    const annotations = Object.fromEntries(
      Object.entries(ingress.annotations).filter(([name]) => !taken.has(name)),
    );
    return { ...ingress, annotations };
  });
  return { ingresses: left, claimed };
}

function claimsOf(
  plugin: RunningPlugin,
  ingress: SourceIngress,
  notes: Notes,
): readonly ClaimedPolicy[] {
  return plugin.facts.conversions.flatMap(({ annotations, kind }, conversion) => {
    const policy = plugin.facts.policies.find(({ name }) => name === kind);
    const values = Object.fromEntries(
      annotations.flatMap((name) => {
        const value = ingress.annotations[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const names = Object.keys(values);
    if (policy === undefined || names.length === 0) return [];
    const outcome = plugin.call("convert", { conversion, values });
    if (!outcome.ok || outcome.value === null) return [];
    const { settings, lost = [] } = outcome.value;
    const losses = new Map(lost.map(({ annotation, why }) => [annotation, why]));
    for (const name of names) {
      const why = losses.get(name);
      notes.add(ingress.note, formatPath(["metadata", "annotations", name]), {
        verdict: why === undefined ? "kept" : "lost",
        subject: `${name}: ${JSON.stringify(values[name])}`,
        message: why ?? "",
        place: { within: "spec" },
      });
    }
    const { apiVersion } = policy;
    return [{
      ingress,
      apiVersion,
      kind,
      settings: settings as Readonly<Record<string, unknown>>,
      annotations: names,
    }];
  });
}

/** The policies for the HTTPProxies that were made of their Ingresses; the latter hold nothing else. */
export function writtenPolicies(
  claimed: readonly ClaimedPolicy[],
  made: readonly Made[],
  notes: Notes,
): readonly Written[] {
  return claimed.flatMap((claim, index): readonly Written[] => {
    const { ingress: { note, namespace, name, file }, apiVersion, kind, settings } = claim;
    const proxies = made.filter(({ object, sources, isLeftOut }) =>
      object.kind === "HTTPProxy" && sources.includes(note.id) && isLeftOut !== true
    );
    const targetRefs = proxies.filter((proxy) => proxy.namespace === namespace)
      .flatMap((proxy) => targetsIn(proxy, note.id));
    if (targetRefs.length === 0) {
      notes.add(note, "metadata.annotations", {
        verdict: "lost",
        subject: kind,
        message:
          "nothing was made of the Ingress in its own namespace, which is all that a policy reaches",
        place: { within: "nowhere" },
      });
      return [];
    }
    const before = claimed.slice(0, index).filter((other) =>
      other.kind === kind && other.ingress.note.id === note.id
    ).length;
    const object: PolicyDraft = {
      apiVersion,
      kind,
      metadata: { name: before === 0 ? name : `${name}-${before + 1}`, namespace },
      spec: { targetRefs, ...settings },
    };
    return [{
      object: ordered(object, ["apiVersion", "kind", "metadata", "spec"]),
      namespace,
      name: object.metadata.name,
      file,
      sources: [note.id],
      host: "",
      origins: [],
    }];
  });
}

/** The whole of an HTTPProxy if it comes of this source alone, else its routes that do. */
function targetsIn({ name, sources, origins }: Made, source: string) {
  const target = { kind: "HTTPProxy", name };
  if (sources.length === 1) return [target];
  return origins.flatMap((origin, index) =>
    origin.source === source ? [{ ...target, sectionName: `routes[${index}]` }] : []
  );
}
