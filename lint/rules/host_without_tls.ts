import { keyOf } from "../../controller/api/mod.ts";
import type { Rule } from "../rule.ts";
import { isSharedSuffix } from "../shared_suffix.ts";

/** A host in the clear whose neighbours are served over TLS. */
export const hostWithoutTls: Rule = {
  code: "CTR405",
  row: {
    name: "HostWithoutTLS",
    title: "Host without TLS beside hosts with it",
    severity: "warning",
    explanation:
      "Other hosts of the same domain are served over TLS, this one in the clear alone: passwords and cookies of the domain can be read on the way. Give it a tls.secretName; a wildcard certificate of the domain will do.",
  },
  *check({ ofKind, isOurs }) {
    const roots = ofKind("HTTPProxy").flatMap((proxy) => {
      const { virtualhost } = proxy.spec;
      const domain = virtualhost?.fqdn.replace(/^[^.]+\./, "") ?? "";
      const isNobodys = !domain.includes(".") || isSharedSuffix(domain);
      return virtualhost === undefined || isNobodys || !isOurs(keyOf(proxy))
        ? []
        : [{ object: keyOf(proxy), virtualhost, domain }];
    });
    const secure = new Map(
      roots.filter(({ virtualhost }) => virtualhost.tls !== undefined).toReversed()
        .map((root) => [root.domain, root]),
    );
    for (const { object, virtualhost, domain } of roots) {
      const neighbour = secure.get(domain);
      if (virtualhost.tls !== undefined || neighbour === undefined) continue;
      const name = neighbour.virtualhost.fqdn;
      if (name === virtualhost.fqdn) continue;
      yield {
        object,
        path: "spec.virtualhost.fqdn",
        message: `host "${virtualhost.fqdn}" is served without TLS, "${name}" beside it with it`,
        related: [{
          object: neighbour.object,
          path: "spec.virtualhost.tls",
          message: `TLS of ${name}`,
        }],
      };
    }
  },
};
