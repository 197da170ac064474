import {
  addAll,
  addRange,
  type CharSet,
  complement,
  emptySet,
  fullSet,
  setOf,
  withBothCases,
  wordChars,
} from "./char_set.ts";

/** What a regular expression is made of. */
export type Regex =
  | { readonly kind: "chars"; readonly set: CharSet }
  | { readonly kind: "sequence"; readonly parts: readonly Regex[] }
  | { readonly kind: "choice"; readonly parts: readonly Regex[] }
  /** `maximum` is `Infinity` where there is none. */
  | {
    readonly kind: "repeat";
    readonly part: Regex;
    readonly minimum: number;
    readonly maximum: number;
  }
  | { readonly kind: "assert"; readonly what: Assertion };

/** A condition on a place between characters. */
export type Assertion = "begin" | "end" | "word-boundary" | "no-word-boundary";

/** A part of the syntax that is not understood here; RE2 may well understand it. */
export class UnsupportedRegex extends Error {
  override readonly name = "UnsupportedRegex";
}

/**
 * Reads a regular expression that RE2 takes; what RE2 refuses has no meaning here either. Only the
 * printable ASCII of classes is kept, see `char_set.ts`. Whether a repeat is greedy plays no part in
 * what is matched as a whole. Throws an {@link UnsupportedRegex} where it does not understand.
 *
 * See https://github.com/google/re2/wiki/Syntax
 */
export function parseRegex(pattern: string): Regex {
  const reader = new Reader(pattern);
  const regex = reader.choice({ ignoreCase: false, multiLine: false });
  if (!reader.atEnd()) throw reader.unsupported();
  return regex;
}

/** A text, character by character. */
export function literalRegex(text: string, { ignoreCase = false } = {}): Regex {
  const flags = { ignoreCase, multiLine: false };
  return { kind: "sequence", parts: [...text].map((char) => literal(char, flags)) };
}

/** Any characters, any number of them. */
export const anything: Regex = {
  kind: "repeat",
  part: { kind: "chars", set: fullSet() },
  minimum: 0,
  maximum: Infinity,
};

interface Flags {
  readonly ignoreCase: boolean;
  /** Lines are no matter, as no line ends in these alphabets; kept to read flags right. */
  readonly multiLine: boolean;
}

class Reader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  atEnd(): boolean {
    return this.#at >= this.#pattern.length;
  }

  unsupported(): UnsupportedRegex {
    return new UnsupportedRegex(
      `Cannot read regular expression "${this.#pattern}" at "${this.#rest().slice(0, 10)}"`,
    );
  }

  /** Parts separated by `|`, up to the end or a closing parenthesis. Flags hold to the end of the group. */
  choice(outer: Flags): Regex {
    let flags = outer;
    const parts: Regex[] = [];
    let sequence: Regex[] = [];
    while (!this.atEnd() && !this.#rest().startsWith(")")) {
      if (this.#take("|")) {
        parts.push({ kind: "sequence", parts: sequence });
        sequence = [];
        continue;
      }
      const changed = this.#takeMatch(/^\(\?([imsU]*)(?:-([imsU]+))?\)/);
      if (changed !== undefined) {
        flags = withFlags(flags, changed[1], changed[2]);
        continue;
      }
      if (this.#take("\\Q")) {
        const end = this.#pattern.indexOf("\\E", this.#at);
        const text = this.#pattern.slice(this.#at, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#pattern.length : end + 2;
        const chars = [...text].map((char) => literal(char, flags));
        const last = chars.pop();
        sequence.push(...chars);
        if (last !== undefined) sequence.push(this.#repeated(last));
        continue;
      }
      sequence.push(this.#repeated(this.#atom(flags)));
    }
    parts.push({ kind: "sequence", parts: sequence });
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
  }

  #repeated(atom: Regex): Regex {
    let part = atom;
    for (;;) {
      const found = this.#takeMatch(/^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/);
      if (found === undefined) return part;
      const [text, least, comma, most] = found;
      const [minimum, maximum] = text.startsWith("*")
        ? [0, Infinity]
        : text.startsWith("+")
        ? [1, Infinity]
        : text.startsWith("?")
        ? [0, 1]
        : [
          Number(least),
          comma === undefined ? Number(least) : most ? Number(most) : Infinity,
        ];
      part = { kind: "repeat", part, minimum, maximum };
    }
  }

  #atom(flags: Flags): Regex {
    const group = this.#takeMatch(/^\((?:\?P?<\w+>|\?([imsU]*)(?:-([imsU]+))?:)?/);
    if (group !== undefined) {
      const inner = this.choice(withFlags(flags, group[1], group[2]));
      if (!this.#take(")")) throw this.unsupported();
      return inner;
    }
    if (this.#take("[")) return { kind: "chars", set: this.#class(flags) };
    if (this.#take(".")) return { kind: "chars", set: fullSet() };
    if (this.#take("^")) return { kind: "assert", what: "begin" };
    if (this.#take("$")) return { kind: "assert", what: "end" };
    if (!this.#rest().startsWith("\\")) return literal(this.#char(), flags);
    const assertion = this.#takeMatch(/^\\[AzbB]/)?.[0];
    if (assertion !== undefined) {
      return { kind: "assert", what: assertions[assertion] ?? "begin" };
    }
    const named = this.#namedSet();
    if (named !== undefined) {
      return { kind: "chars", set: flags.ignoreCase ? withBothCases(named) : named };
    }
    return literal(this.#escaped(), flags);
  }

  /** What stands between brackets, the closing one included. */
  #class({ ignoreCase }: Flags): CharSet {
    const isNegative = this.#take("^");
    const set = emptySet();
    for (let isFirst = true; isFirst || !this.#rest().startsWith("]"); isFirst = false) {
      if (this.atEnd()) throw this.unsupported();
      const posix = this.#takeMatch(/^\[:(\^?)(\w+):\]/);
      if (posix !== undefined) {
        const [, not, name = ""] = posix;
        const known = posixSets[name];
        if (known === undefined) throw this.unsupported();
        addAll(set, not ? complement(setOf(known)) : setOf(known));
        continue;
      }
      const named = this.#namedSet();
      if (named !== undefined) {
        addAll(set, named);
        continue;
      }
      const from = this.#classChar();
      const isRange = /^-[^\]]/.test(this.#rest());
      if (isRange) this.#at++;
      const to = isRange ? this.#classChar() : from;
      addRange(set, from, to);
      if (ignoreCase) addFoldedBeyondAscii(set, from, to);
    }
    this.#at++;
    const folded = ignoreCase ? withBothCases(set) : set;
    return isNegative ? complement(folded) : folded;
  }

  #classChar(): number {
    const char = this.#rest().startsWith("\\") ? this.#escaped() : this.#char();
    return char.codePointAt(0) ?? 0;
  }

  /** `\d`, `\W`, `\pL`, `\p{Greek}` and so on. */
  #namedSet(): CharSet | undefined {
    const perl = this.#takeMatch(/^\\([dDsSwW])/)?.[1];
    if (perl !== undefined) {
      const set = perlSets[perl.toLowerCase()] ?? emptySet();
      return perl === perl.toLowerCase() ? set : complement(set);
    }
    const unicode = this.#takeMatch(/^\\([pP])(?:\{(\^?)(\w+)\}|(\w))/);
    if (unicode === undefined) return undefined;
    const [, p, not, long, short] = unicode;
    const set = unicodeSet(long ?? short ?? "");
    if (set === undefined) throw this.unsupported();
    return (p === "P") !== (not === "^") ? complement(set) : set;
  }

  /** A character behind a backslash. */
  #escaped(): string {
    const code = this.#takeMatch(/^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/);
    if (code !== undefined) return String.fromCodePoint(parseInt(code[1] ?? code[2] ?? "", 16));
    const octal = this.#takeMatch(/^\\([0-7]{1,3})/)?.[1];
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
    const control = this.#takeMatch(/^\\([aftnrv])/)?.[1];
    if (control !== undefined) return controls[control] ?? "";
    const char = this.#takeMatch(/^\\([^A-Za-z0-9])/u)?.[1];
    if (char === undefined) throw this.unsupported();
    return char;
  }

  #char(): string {
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    return char;
  }

  #rest(): string {
    return this.#pattern.slice(this.#at);
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #takeMatch(regex: RegExp): RegExpExecArray | undefined {
    const found = regex.exec(this.#rest());
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }
}

function withFlags(flags: Flags, on = "", off = ""): Flags {
  const flag = (name: string, before: boolean) =>
    off.includes(name) ? false : on.includes(name) || before;
  return { ignoreCase: flag("i", flags.ignoreCase), multiLine: flag("m", flags.multiLine) };
}

function literal(char: string, { ignoreCase }: Flags): Regex {
  const set = setOf(char);
  if (!ignoreCase) return { kind: "chars", set };
  const code = char.codePointAt(0) ?? 0;
  addFoldedBeyondAscii(set, code, code);
  return { kind: "chars", set: withBothCases(set) };
}

/** Two letters beyond ASCII are the other case of one within. */
function addFoldedBeyondAscii(set: CharSet, from: number, to: number): void {
  if (from <= 0x212a && 0x212a <= to) addAll(set, setOf("k"));
  if (from <= 0x17f && 0x17f <= to) addAll(set, setOf("s"));
}

const assertions: Readonly<Record<string, Assertion>> = {
  "\\A": "begin",
  "\\z": "end",
  "\\b": "word-boundary",
  "\\B": "no-word-boundary",
};

const controls: Readonly<Record<string, string>> = {
  a: "\x07",
  f: "\f",
  t: "\t",
  n: "\n",
  r: "\r",
  v: "\v",
};

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const lower = upper.toLowerCase();
const digits = "0123456789";

const perlSets: Readonly<Record<string, CharSet>> = {
  d: setOf(digits),
  s: setOf(" "),
  w: wordChars,
};

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const posixSets: Readonly<Record<string, string>> = {
  alnum: upper + lower + digits,
  alpha: upper + lower,
  ascii: ` ${upper}${lower}${digits}${punctuation}`,
  blank: " ",
  cntrl: "",
  digit: digits,
  graph: upper + lower + digits + punctuation,
  lower,
  print: ` ${upper}${lower}${digits}${punctuation}`,
  punct: punctuation,
  space: " ",
  upper,
  word: `${upper}${lower}${digits}_`,
  xdigit: "0123456789ABCDEFabcdef",
};

/** What ASCII has of a general category, or of a script. */
function unicodeSet(name: string): CharSet | undefined {
  if (name === "Any") return fullSet();
  if (name === "Common") return complement(setOf(upper + lower));
  const known = unicodeSets[name];
  if (known !== undefined) return setOf(known);
  // Other scripts have no character of ASCII.
  return /^[A-Z][a-z]{2,}/.test(name) || /^[CMZ]$|^[A-Z][a-z]$/.test(name) ? emptySet() : undefined;
}

const unicodeSets: Readonly<Record<string, string>> = {
  Latin: upper + lower,
  L: upper + lower,
  Lu: upper,
  Ll: lower,
  N: digits,
  Nd: digits,
  P: "!\"#%&'()*,-./:;?@[\\]_{}",
  Pc: "_",
  Pd: "-",
  Ps: "([{",
  Pe: ")]}",
  Po: "!\"#%&'*,./:;?@\\",
  S: "$+<=>^`|~",
  Sc: "$",
  Sm: "+<=>|~",
  Sk: "^`",
  Z: " ",
  Zs: " ",
};
