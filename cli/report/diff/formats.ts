/** The ways to print a difference. */
export const diffFormats = ["text", "json", "markdown", "github"] as const;

/** See {@link diffFormats}. */
export type DiffFormat = (typeof diffFormats)[number];
