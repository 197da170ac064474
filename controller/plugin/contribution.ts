import { z } from "zod";

/**
 * Why a value is no contribution, in a sentence; `undefined`: it is one. Whether Envoy takes the
 * messages in it is another question.
 */
export function contributionProblem(value: unknown): string | undefined {
  const result = contribution.safeParse(value);
  if (result.success) return undefined;
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  return `what it contributes is not as the contract has it: ${
    path === "" ? "" : `"${path}" `
  }${issue?.message}`;
}

const message = z.record(z.string(), z.unknown());
const typed = z.looseObject({
  "@type": z.string({ error: 'needs "@type" with the full name of a message' }),
});

const contribution = z.strictObject({
  filters: z.record(z.string(), typed).optional(),
  roles: z.partialRecord(z.enum(["compression", "cors", "local-rate-limit"]), typed).optional(),
  message: message.optional(),
  feed: z.record(z.string(), z.json()).optional(),
  diagnostics: z.array(z.object({
    severity: z.enum(["error", "warning", "info"]).optional(),
    message: z.string().min(1),
    path: z.string().optional(),
    policy: z.string().optional(),
    hint: z.string().optional(),
  })).optional(),
});
