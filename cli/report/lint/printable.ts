/** The text without control characters: a manifest must not be able to command the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\ufffd");
}
