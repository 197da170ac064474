import { codes, keyId } from "../../controller/api/mod.ts";
import { servedCertificates } from "../certificates.ts";
import type { Rule } from "../rule.ts";

/** A certificate near its last day. */
export const certificateExpires: Rule = {
  code: "CTR306",
  row: codes.CTR306,
  *check(context) {
    const { nowMs, certificateDays } = context;
    if (nowMs === 0) return;
    for (const { object, path, secret, notAfterMs } of servedCertificates(context)) {
      const left = notAfterMs - nowMs;
      // That it is past its last day, the controller says.
      if (left < 0 || left >= certificateDays * dayMs) continue;
      const days = Math.floor(left / dayMs);
      const last = new Date(notAfterMs).toISOString().slice(0, 10);
      const name = keyId(secret).replace(/^Secret\//, "");
      yield {
        object,
        path,
        message: `certificate in Secret "${name}" expires in ${days} ${
          days === 1 ? "day" : "days"
        }, on ${last}`,
        hint: "renew it in time",
        related: [{ object: secret, path: "metadata.name", message: "the Secret" }],
      };
    }
  },
};

const dayMs = 24 * 60 * 60 * 1000;
