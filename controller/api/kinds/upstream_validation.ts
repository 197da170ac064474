import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { withRule } from "./values.ts";

/** How the certificate of an upstream server is checked. */
export const UpstreamValidation = withRule(
  z.object({
    caSecret: z.string().min(1).max(317).describe(
      "Secret with the trusted certificates under ca.crt, as name or namespace/name.",
    ),
    subjectName: z.string().min(1).max(250).describe(
      "DNS name the server's certificate has to bear. Repeats the first of subjectNames if given.",
    ),
    subjectNames: z.array(z.string()).min(1).max(8).optional().describe(
      "DNS names of which the server's certificate has to bear one.",
    ),
  }),
  {
    cel: "has(self.subjectNames) ? self.subjectNames[0] == self.subjectName : true",
    message: "subjectNames[0] must equal subjectName if set",
    holds: (value) =>
      value.subjectNames === undefined || value.subjectNames[0] === value.subjectName,
  },
);
/** See {@link UpstreamValidation}. */
export type UpstreamValidation = Immutable<z.infer<typeof UpstreamValidation>>;
