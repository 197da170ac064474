import { keyId, keyOf } from "../../controller/api/mod.ts";
import { includesOf, soundProxies, subtree } from "../reach.ts";
import type { Rule } from "../rule.ts";

/** An include that brings no route. */
export const deadInclude: Rule = {
  code: "CTR403",
  row: {
    name: "DeadInclude",
    title: "Include that brings no route",
    severity: "warning",
    explanation:
      "The HTTPProxy is found and has no errors, but none of its routes is served by the host: it has none, or others with the same conditions take their place.",
  },
  *check(context) {
    const serving = new Set(
      context.hosts.flatMap(({ routes }) => routes.map(({ origin }) => keyId(origin.object))),
    );
    for (const proxy of soundProxies(context).values()) {
      for (const { path, target } of includesOf(context, proxy)) {
        const below = subtree(context, target);
        if (below === undefined || below.some((key) => serving.has(keyId(key)))) continue;
        const { namespace, name } = target.metadata;
        const isEmpty = !target.spec.routes?.length && !target.spec.includes?.length;
        yield {
          object: keyOf(proxy),
          path: `${path}.name`,
          message: isEmpty
            ? `the include brings nothing: HTTPProxy "${namespace}/${name}" has no routes`
            : `the include brings nothing: no route of HTTPProxy "${namespace}/${name}" is served`,
          related: [{ object: keyOf(target), path: "metadata.name", message: "what is included" }],
          change: {
            title: "Remove the include",
            safety: "unsafe",
            steps: [{ kind: "remove", path }],
          },
        };
      }
    }
  },
};
