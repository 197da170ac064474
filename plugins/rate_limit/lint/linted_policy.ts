import { z } from "zod";
import { RateLimitSettings } from "../policy/settings.ts";

/** What rules look at of a RateLimit: what it is for, and its limits if they can be read. */
export function lintedPolicy(spec: unknown): LintedPolicy {
  const targets = Targets.safeParse(spec).data?.targetRefs ?? [];
  return { targets, settings: RateLimitSettings.safeParse(spec).data };
}

const Targets = z.object({
  targetRefs: z.array(z.object({
    kind: z.string(),
    name: z.string(),
    sectionName: z.string().optional(),
  })),
});

/** See {@link lintedPolicy}. */
export interface LintedPolicy {
  readonly targets: z.infer<typeof Targets>["targetRefs"];
  readonly settings: RateLimitSettings | undefined;
}
