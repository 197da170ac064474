/** Every format. */
export const testFormats = ["text", "json", "junit", "github"] as const;

/** One of {@link testFormats}. */
export type TestFormat = (typeof testFormats)[number];
