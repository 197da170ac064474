import { keyOf } from "../../controller/api/mod.ts";
import type { Rule } from "../rule.ts";

/** An exact path that counts as a prefix, for what stands behind it. */
export const exactAsPrefix: Rule = {
  code: "CTR415",
  row: {
    name: "ExactAsPrefix",
    title: "Exact path that counts as a prefix",
    severity: "warning",
    explanation:
      "The last condition of a list decides how the path is compared. An exact path with a header or query condition behind it is taken for a prefix, as in Contour, and the route takes more requests than it says. Put the exact path last.",
  },
  *check({ ofKind }) {
    for (const proxy of ofKind("HTTPProxy")) {
      for (const [i, { conditions = [] }] of (proxy.spec.routes ?? []).entries()) {
        const at = conditions.findIndex(({ exact }) => exact);
        if (at < 0 || at === conditions.length - 1) continue;
        const exact = conditions[at]?.exact ?? "";
        yield {
          object: keyOf(proxy),
          path: `spec.routes[${i}].conditions[${at}].exact`,
          message:
            `exact "${exact}" counts as a prefix, because another condition stands behind it`,
          hint: "put the exact condition last",
        };
      }
    }
  },
};
