import { envoyViolations } from "../../controller/envoy/mod.ts";
import { caBundleProblem, revocationListProblem } from "../../controller/graph/mod.ts";
import { isMessage, type Message, type Violation } from "../../proto/mod.ts";

/**
 * What we say of a message before Envoy gets it. Certificates are looked at where their Secrets are
 * read, so that is asked here besides.
 */
export function ourVerdict(type: string, message: Message): readonly Violation[] {
  return [...envoyViolations(type, message), ...authorities(message)];
}

/** How texts of certificates are judged, by the field they stand in. */
const texts: Readonly<Record<string, (pem: string) => string | undefined>> = {
  trustedCa: caBundleProblem,
  crl: revocationListProblem,
};

function authorities(message: Message): readonly Violation[] {
  return Object.entries(message).flatMap(([key, value]): readonly Violation[] => {
    if (Array.isArray(value)) return value.filter(isMessage).flatMap(authorities);
    if (!isMessage(value)) return [];
    const problemOf = Object.hasOwn(texts, key) ? texts[key] : undefined;
    if (problemOf === undefined) return authorities(value);
    const bytes = value["inlineBytes"];
    const problem = problemOf(bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "");
    return problem === undefined ? [] : [{ path: key, rule: key, message: problem }];
  });
}
