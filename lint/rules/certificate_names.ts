import { keyId } from "../../controller/api/mod.ts";
import { servedCertificates } from "../certificates.ts";
import type { Rule } from "../rule.ts";

/** A certificate that is not for the host it is served for. */
export const certificateNames: Rule = {
  code: "CTR407",
  row: {
    name: "CertificateNames",
    title: "Certificate of another host",
    severity: "warning",
    explanation:
      "The certificate does not bear the name of the host, so clients will refuse the connection. A name such as *.example.com is good for one label in place of the star, not for example.com itself and not for two.",
  },
  *check(context) {
    for (const { object, path, hosts, secret, names } of servedCertificates(context)) {
      const wrong = hosts.map((host) => host.toLowerCase())
        .filter((host) => host !== "" && !names.some((name) => isFor(name, host)));
      if (wrong.length === 0) continue;
      const shown = [...names.slice(0, 3), ...(names.length > 3 ? ["…"] : [])].join(", ");
      const name = keyId(secret).replace(/^Secret\//, "");
      yield {
        object,
        path,
        message: `certificate in Secret "${name}" is for ${shown || "no name"}, not for ${
          wrong.join(", ")
        }`,
        related: [{ object: secret, path: "metadata.name", message: "the Secret" }],
      };
    }
  },
};

function isFor(name: string, host: string): boolean {
  if (name === host) return true;
  return name.startsWith("*.") && !host.startsWith("*.") &&
    host.slice(host.indexOf(".")) === name.slice(1);
}
