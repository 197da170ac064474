/** Regular expressions of all kinds, good and bad, as people and other engines write them. */
import type { Random } from "../support/world/random.ts";

/** Each escape, class, flag, group and count with each letter in it, in and outside of classes. */
export function everySyntax(): readonly string[] {
  const letters = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code));
  const names = ["alnum", "alpha", "ascii", "blank", "word", "xdigit", "Alpha", "foo", ""];
  return [
    ...letters.flatMap((letter) => places.map((place) => place.replaceAll("@", () => letter))),
    ...names.flatMap((name) =>
      ["", "^", "^^"].flatMap((not) =>
        ["[[:@:]]", "[:@:]", "[a[:@:]-z]", "[a-[:@:]]"].map((place) =>
          place.replace("@", not + name)
        )
      )
    ),
    ...unicodeNames.flatMap((name) =>
      ["\\p{@}", "\\P{@}", "[^\\p{^@}a]", "\\p{Is@}"].map((place) => place.replace("@", name))
    ),
    ...counted,
  ];
}

/** Where `@` stands for a letter. */
const places: readonly string[] = [
  ...["\\@", "[\\@]", "[^a\\@-z]", "[@-z]", "[a-@]", "a@", "a*@", "a?@?", "a{2}@", "a{2@}"],
  ...["(?@a)", "(?@:a)", "(?i@s:a)", "(?P<@>a)", "(?P@n>a)", "(?<a@>a)", "[[:@alpha:]]"],
  ...["\\p@", "\\P@", "\\x@1", "\\x{@}", "\\0@", "\\1@", "\\Q\\@", "\\Q@\\E*"],
];

/** Of categories and scripts, some newer than some engines, and of properties that RE2 lacks. */
const unicodeNames: readonly string[] = [
  ...["L", "Lu", "Ll", "Lt", "Lm", "Lo", "LC", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P"],
  ...["Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp"],
  ...["C", "Cc", "Cf", "Cn", "Co", "Cs", "Any", "Assigned", "ASCII", "Letter", "greek", "GREEK"],
  ...["Adlam", "Arabic", "Beria_Erfe", "Common", "Cypro_Minoan", "Deseret", "Garay", "Greek"],
  ...["Gurung_Khema", "Han", "Hiragana", "Inherited", "Kawi", "Khitan_Small_Script", "Kirat_Rai"],
  ...["Latin", "Nag_Mundari", "Nushu", "Ol_Onal", "Sidetic", "SignWriting", "Sunuwar", "Tai_Yo"],
  ...["Toto", "Tolong_Siki", "Tulu_Tigalari", "Unknown", "Vithkuqi", "Yezidi", "Zanabazar_Square"],
  ...["Alphabetic", "Dash", "Emoji", "Hex_Digit", "Lowercase", "Math", "Uppercase", "White_Space"],
  ...["Script=Greek", "sc=Greek", "General_Category=Lu", "L&", "^L", "^^L", " L", "L ", "Zyyy"],
];

/** Counts within counts. */
const counted: readonly string[] = [
  ...["a{1000}", "a{1001}", "a{0,1000}", "a{1000,}", "a{1001,}", "a{2,1}", "a{,5}", "a{5", "a{02}"],
  ...["(a{10}){100}", "(a{10}){101}", "(a{0,10}){0,100}", "(a{0,10}){0,101}", "(a{34,}){34,}"],
  ...["((a{500}){0}b){3}", "((a{500}){0}){3}", "(a{2}|(b{500}){0,0}){3}", "(a{1000}){0}"],
  ...["((a{0}){10}){1000}", "((a{1000})*){2}", "(^{40}){40}", "((){40}){40}", "(\\b{40}){40}"],
  ...["((a{1}){1000}){1}", "((a?){1000}){0,1}", "(?i){10}", "a{2}{3}", "a{2}*", "a**", "a{100000}"],
];

/** A pattern by chance, of pieces that mostly belong together. */
export function randomRegex(random: Random): string {
  const pattern = alternatives(random, random.below(6), { groups: 0 });
  const at = random.below(pattern.length + 1);
  if (random.chance(0.1)) {
    return pattern.slice(0, at) + random.of([...atoms, ...repetitions, ...opens]) +
      pattern.slice(at);
  }
  return random.chance(0.1) ? pattern.slice(0, at) + pattern.slice(at + 1) : pattern;
}

function alternatives(random: Random, depth: number, names: { groups: number }): string {
  let text = "";
  for (let left = 1 + random.below(4); left > 0; left--) {
    if (depth > 0 && random.chance(0.4)) {
      const open = random.of(random.chance(0.8) ? opens.slice(0, usualOpens) : opens);
      text += open.replace("n>", () => `n${names.groups++}>`);
      text += alternatives(random, depth - 1, names);
      if (random.chance(0.97)) text += ")";
    } else text += random.of(random.chance(0.6) ? atoms.slice(0, usualAtoms) : atoms);
    if (random.chance(0.5)) {
      text += random.of(random.chance(0.5) ? repetitions.slice(0, usualRepetitions) : repetitions);
    }
    if (random.chance(0.15)) text += "|";
  }
  return text;
}

const atoms: readonly string[] = [
  ...["a", "b", "/", "é", "ü", "€", "😀", "\\d", "\\D", "\\w", "\\s", "\\S", "\\b", "\\B", "\\A"],
  ...[
    "\\z",
    "^",
    "$",
    ".",
    "\\pL",
    "\\PL",
    "\\p{Lu}",
    "\\p{^Lu}",
    "\\pN",
    "\\p{Greek}",
    "\\p{Any}",
  ],
  ...[
    "\\x41",
    "\\xFF",
    "\\x{41}",
    "\\x{ff}",
    "\\x{0}",
    "\\0",
    "\\012",
    "\\07",
    "\\n",
    "\\t",
    "\\f",
  ],
  ...["\\v", "\\r", "\\a", "\\Qa.b\\E", "\\Q*\\E", "\\.", "\\*", "\\/", "\\-", "[a-z]", "[^a-z]"],
  ...["[]a]", "[^]a]", "[a-]", "[-a]", "[\\d]", "[\\D\\d]", "[[:alpha:]]", "[[:^word:]]", "[\\pL]"],
  ...["[^\\PN]", "[é]", "[à-ü]", "[\\x00-\\x{FF}]", "[^\\x00-\\x{FF}]", "[a\\-z]", "(?i)", "(?s)"],
  ...["(?m)", "(?U)", "(?i-s)", "(?-i)", "(?:)", "()", "|", "-", ",", ":"],
  // Rarely good.
  ...["(?x)", "(?is-mU)", "\\C", "\\1", "\\Z", "{", "}", "]", "{2}", "{2", "{,2}", "{2,", "{2,3}"],
  ...["\0", "\n", "\\", "\\k<a>", "\\G", "\\K", "\\Q", "\\E", "[\\Q]\\E]", "[]", "[^]", "[ü-à]"],
  ...["\\x{100}", "\\x{10FFFF}", "\\x{110000}", "\\u0041", "\\cA", "\\h", "\\R", "\\X", "[[.a.]]"],
];
const usualAtoms = 74;

const repetitions: readonly string[] = [
  ...["*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1,3}", "{2,}", "{0,0}", "{10}", "{10}?"],
  ...["*+", "++", "?+", "{1000}", "{1001}", "{999,1000}", "{2,1}", "{1000,}", "{1001,}", "{31}"],
  ...["{32}", "{33}", "{2}{2}", "{2}*", "**", "{,3}", "{ 2}", "{02}", "{0000000001}", "{2,03}"],
  ...["{-1}", "{100000000}", "{99999999999999999999}"],
];
const usualRepetitions = 13;

const opens: readonly string[] = [
  ...["(", "(", "(?:", "(?:", "(?i:", "(?s-i:", "(?P<n>", "(?<n>"],
  ...["(?m", "(?P<a1_>", "(?P<1>", "(?P<>", "(?P<n-m>", "(?P=n", "(?=", "(?!", "(?<=", "(?<!"],
  ...["(?>", "(?#", "(?|", "(?'n'", "(?P>n", "(?i", "(?^:", "(?R", "(?&n"],
];
const usualOpens = 8;
