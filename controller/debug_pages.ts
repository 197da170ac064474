import type { Pages } from "./admin/mod.ts";
import type { ObjectKey, Position } from "./api/mod.ts";
import { graphDot } from "./graph_dot.ts";
import type { Translation } from "./translation/mod.ts";
import type { NodeReport, ResourceCache } from "./xds/mod.ts";

/** Looks into a running controller. Nothing here shows the contents of a Secret. */
export function debugPages({ translation, cache, nodes, locate }: {
  readonly translation: Translation;
  readonly cache: ResourceCache;
  readonly nodes: () => readonly NodeReport[];
  readonly locate: (key: ObjectKey, path: string) => Position | undefined;
}): Pages {
  return {
    "/debug/dag": () => ({
      contentType: "text/vnd.graphviz; charset=utf-8",
      body: graphDot(hosts(translation)),
    }),
    "/debug/xds": () => json({ nodes: nodes(), served: served(cache) }),
    "/debug/statuses": () => json({ statuses: [...statuses(translation, locate)] }),
    "/debug/memos": () => json(engine(translation)),
    "/debug/memory": () => json(memory()),
  };
}

/** What is said of each object, with the places in files; what Envoys refuse is part of it. */
function* statuses(
  { statuses, store }: Translation,
  locate: (key: ObjectKey, path: string) => Position | undefined,
) {
  for (const { key, status, diagnostics } of statuses.values()) {
    const object = store.get(key);
    const host = object?.kind === "HTTPProxy" ? object.spec.virtualhost : undefined;
    yield {
      key: { kind: key.kind, namespace: key.namespace, name: key.name },
      fqdn: host?.fqdn ?? "",
      tlsSecret: host?.tls?.secretName ?? "",
      status,
      diagnostics: diagnostics.map((diagnostic) => ({
        ...diagnostic,
        position: diagnostic.position ?? locate(diagnostic.object ?? key, diagnostic.path),
      })),
    };
  }
}

function* hosts(translation: Translation) {
  for (const fqdn of [...translation.hostNames()].sort()) {
    const host = translation.host(fqdn);
    if (host !== undefined) yield host;
  }
}

/** Resources by type: names with the version and the size of each. */
function served(cache: ResourceCache) {
  return Object.fromEntries(
    cache.typeUrls().map((typeUrl) => {
      const resources = [...cache.ofType(typeUrl).values()];
      return [typeUrl, {
        count: resources.length,
        bytes: resources.reduce((sum, { body }) => sum + body.length, 0),
        resources: Object.fromEntries(
          resources.map(({ name, version, body }) => [name, { version, bytes: body.length }]),
        ),
      }];
    }),
  );
}

function engine(translation: Translation) {
  const objects = Object.fromEntries(translation.store.counts());
  const memosByQuery = Object.fromEntries(translation.memoCounts());
  return { ...translation.statistics(), objects, memosByQuery };
}

/** In bytes. A V8 that exposes its collector is tidied up before: what is left is in use. */
function memory(): Deno.MemoryUsage & { readonly collected: boolean } {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  return { ...Deno.memoryUsage(), collected: gc !== undefined };
}

function json(value: unknown) {
  return { contentType: "application/json", body: JSON.stringify(value, undefined, 2) };
}
