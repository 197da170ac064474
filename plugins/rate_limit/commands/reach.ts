import { UsageError } from "../../../command_line/mod.ts";
import { type CompiledDomain, type ConfigurationProblem, descriptorReach } from "../mod.ts";
import { keyOf, readFiles } from "./outside.ts";

/**
 * Descriptors of HTTPProxies in files that no limit is about, and limits that none of them leads to, each
 * at its place. Throws a {@link UsageError} for manifests that cannot be read.
 */
export async function reachProblems(
  paths: readonly string[],
  domains: ReadonlyMap<string, CompiledDomain>,
): Promise<readonly ConfigurationProblem[]> {
  const { objects, diagnostics, locate } = await readFiles({ paths, namespace: "default" });
  const [broken] = diagnostics.filter(({ severity }) => severity === "error");
  if (broken !== undefined) {
    const { file = "", line = 1 } = broken.position ?? {};
    throw new UsageError(`Cannot read the manifests: ${file}:${line}: ${broken.message}`);
  }
  const proxies = objects.flatMap((object) => object.kind === "HTTPProxy" ? [object] : []);
  const { unanswered, unreached } = descriptorReach(proxies, [...domains.values()]);
  return [
    ...proxies.flatMap((proxy, i) =>
      (unanswered[i] ?? []).map((path): ConfigurationProblem => {
        const key = keyOf(proxy);
        const place = locate(key, path);
        return {
          severity: "warning",
          message: `no limit is about this descriptor of HTTPProxy ${key.namespace}/${key.name}, ` +
            "so it lets everything pass",
          ...(place === undefined ? {} : { place }),
        };
      })
    ),
    ...unreached.map(({ limit, child }): ConfigurationProblem => {
      const place = child.source.placeOf?.(child.path);
      return {
        severity: "warning",
        message: `no descriptor leads to the limit "${limit.fullKey}"`,
        ...(place === undefined ? {} : { place }),
      };
    }),
  ];
}
