import { keyOf, parseSecretReference } from "../../controller/api/mod.ts";
import type { Rule, RuleContext } from "../rule.ts";

/** A delegation that nobody makes use of. */
export const unusedDelegation: Rule = {
  code: "CTR413",
  row: {
    name: "UnusedDelegation",
    title: "Delegation that nobody uses",
    severity: "info",
    explanation:
      "No object of the files, in the namespaces it is for, names the Secret. If nothing elsewhere does either, take it away: each delegation lets others serve with a key that is not theirs.",
  },
  *check(context) {
    const used = usesOfSecrets(context);
    // Which Secret that is, the configuration says.
    const withFallback = new Set(
      context.ofKind("HTTPProxy")
        .filter(({ spec }) => spec.virtualhost?.tls?.enableFallbackCertificate === true)
        .map(({ metadata }) => metadata.namespace),
    );
    const namespaces = new Set(context.objects.map(({ metadata }) => metadata.namespace));
    for (const delegation of context.ofKind("TLSCertificateDelegation")) {
      const { namespace } = delegation.metadata;
      for (const [i, entry] of delegation.spec.delegations.entries()) {
        const users = used.get(`${namespace}/${entry.secretName}`) ?? new Set();
        const { targetNamespaces } = entry;
        const toAll = targetNamespaces.length === 1 && targetNamespaces[0] === "*";
        for (const [j, target] of targetNamespaces.entries()) {
          const isUsed = toAll
            ? withFallback.size > 0 || [...users].some((user) => user !== namespace)
            : withFallback.has(target) || users.has(target);
          // Of a namespace that is not among the files nothing can be said.
          if (isUsed || (!toAll && !namespaces.has(target))) continue;
          yield {
            object: keyOf(delegation),
            path: `spec.delegations[${i}].targetNamespaces[${j}]`,
            message: toAll
              ? `no object of another namespace names Secret "${namespace}/${entry.secretName}"`
              : `no object of namespace "${target}" names Secret "${namespace}/${entry.secretName}"`,
          };
        }
      }
    }
  },
};

/** By Secret, the namespaces of the objects that name it. */
function usesOfSecrets({ ofKind }: RuleContext): ReadonlyMap<string, ReadonlySet<string>> {
  const uses = new Map<string, Set<string>>();
  const use = (reference: string | undefined, namespace: string) => {
    if (!reference) return;
    const secret = parseSecretReference(reference, namespace);
    const name = `${secret.namespace}/${secret.name}`;
    uses.set(name, (uses.get(name) ?? new Set()).add(namespace));
  };
  for (const { metadata: { namespace }, spec } of ofKind("HTTPProxy")) {
    const { virtualhost, routes = [], tcpproxy } = spec;
    use(virtualhost?.tls?.secretName, namespace);
    use(virtualhost?.tls?.clientValidation?.caSecret, namespace);
    use(virtualhost?.tls?.clientValidation?.crlSecret, namespace);
    for (const { remoteJWKS } of virtualhost?.jwtProviders ?? []) {
      use(remoteJWKS?.validation?.caSecret, namespace);
    }
    for (const { services = [] } of [...routes, tcpproxy ?? {}]) {
      for (const { validation } of services) use(validation?.caSecret, namespace);
    }
  }
  for (const { metadata: { namespace }, spec } of ofKind("ExtensionService")) {
    use(spec.validation?.caSecret, namespace);
  }
  for (const { metadata: { namespace, annotations }, spec } of ofKind("Ingress")) {
    const elsewhere = annotations?.["projectcontour.io/tls-cert-namespace"];
    for (const { secretName } of spec.tls ?? []) {
      use(secretName, namespace);
      if (elsewhere && secretName) use(`${elsewhere}/${secretName}`, namespace);
    }
  }
  return uses;
}
