/** Every format. */
export const lintFormats = [
  "text",
  "concise",
  "json",
  "sarif",
  "github",
  "gitlab",
  "junit",
] as const;

/** One of {@link lintFormats}. */
export type LintFormat = (typeof lintFormats)[number];
