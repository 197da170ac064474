/**
 * Why Envoy would refuse a pattern that our engine takes. Ours speaks the RE2 of Go; Envoy compiles
 * each byte of a pattern as a character, and knows the scripts and categories of its own build.
 */
export function dialectProblem(pattern: string): string | undefined {
  if (!pattern.includes("\\")) return undefined;
  for (const [escape, name, code] of pattern.matchAll(escapes)) {
    if (name !== undefined && unknownNames.has(name)) {
      return `invalid character class range: \`${escape}\``;
    }
    // It compares bytes, of which none is larger.
    if (code !== undefined && parseInt(code, 16) > 0xff) {
      return `invalid escape sequence: \`${escape}\` is no byte`;
    }
  }
  return undefined;
}

/**
 * The pattern with all repetitions counted that RE2 counts. Ours overlooks those within what is there
 * no times at all.
 */
export function expanded(pattern: string): string {
  // Wherever else these letters stand, one digit is as good as another.
  return pattern.replaceAll("{0}", "{1}").replaceAll("{0,0}", "{1}");
}

/** Quoted text, classes by name, and characters by number; anything else with its backslash. */
const escapes = /\\Q[\s\S]*?(?:\\E|$)|\\[pP]\{\^?([^}]*)\}|\\x\{([0-9a-fA-F]+)\}|\\[\s\S]/g;

/** Those of Go, and of newer versions of Unicode, that Envoy 1.39 lacks. */
const unknownNames: ReadonlySet<string> = new Set([
  "ASCII_Hex_Digit",
  "Alphabetic",
  "Assigned",
  "Beria_Erfe",
  "Cn",
  "Dash",
  "Emoji",
  "Emoji_Component",
  "Emoji_Modifier",
  "Emoji_Modifier_Base",
  "Emoji_Presentation",
  "Extended_Pictographic",
  "Garay",
  "Gurung_Khema",
  "Hex_Digit",
  "Kirat_Rai",
  "LC",
  "Lowercase",
  "Math",
  "Ol_Onal",
  "Quotation_Mark",
  "Sidetic",
  "Sunuwar",
  "Tai_Yo",
  "Terminal_Punctuation",
  "Todhri",
  "Tolong_Siki",
  "Tulu_Tigalari",
  "Unknown",
  "Uppercase",
  "White_Space",
]);
