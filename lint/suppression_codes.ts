import type { CodeRow } from "../controller/api/mod.ts";

/** What is wrong with the comments and annotations that silence lint. */
export const suppressionCodes = {
  CTR490: {
    name: "UnusedSuppression",
    title: "Suppression that silences nothing",
    severity: "warning",
    explanation:
      "A contour-lint-ignore comment or annotation names a code that is not found there, or that does not exist. What it was written for is mended, or it stands in the wrong place: it has to be on the line of the finding or on the line above. Take it away, so that it does not hide a later mistake.",
  },
} as const satisfies Record<string, CodeRow>;
