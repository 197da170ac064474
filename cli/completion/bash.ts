import type { Completion } from "./complete.ts";
import { printed, type Shell } from "./shell.ts";

/**
 * bash, from version 3.2 on, which macOS has. It splits words at `=` and `:`, replaces what is behind
 * the last of them, and quotes nothing by itself: so it gives its whole line, and gets back what is to
 * be put in as it stands.
 * See https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 */
export const bash: Shell = {
  read: ([breaks = "", text = ""]) => {
    const { before, word, ...typed } = bashWords(text, breaks);
    return {
      line: { before: before.slice(1), word },
      print: (completion) =>
        typed.isRedirected ? ":files\n" : printedFor({ word, ...typed }, completion),
    };
  },
  script: `_contour() {
  local line kind=:words program="\${COMP_WORDS[0]/#\\~/$HOME}"
  type -P -- "$program" >/dev/null || program=contour
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) kind=$line ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(command "$program" __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $kind in
    :files* | :folders*)
      if (( \${#COMPREPLY[@]} )); then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
        compopt -o filenames 2>/dev/null
      elif [[ $kind == :folders* ]]; then
        compopt +o default -o dirnames 2>/dev/null
      fi
      ;;
    *)
      compopt +o default 2>/dev/null
      if [[ $kind == *' goes on' ]]; then compopt -o nospace 2>/dev/null; fi
      ;;
  esac
}
complete -o default -F _contour contour
`,
};

/** What is typed of a word. */
interface TypedWord {
  /** Without quotes. */
  readonly word: string;
  /** Its beginning that stays as it stands, without quotes. */
  readonly kept: string;
  /** The quote it stands in, which is open yet. */
  readonly quote: string;
}

/** Those that may be all there is to show: bash shows no descriptions. */
function printedFor({ word, kept, quote }: TypedWord, { head, ...completion }: Completion): string {
  const values = completion.values.map(({ value }) => head + value)
    .filter((value) => value.startsWith(word))
    .map((value) => ({ value: quoted(value.slice(kept.length), quote) }));
  return printed(values, completion);
}

function quoted(text: string, quote: string): string {
  switch (quote) {
    case "'":
      return text.replaceAll("'", "'\\''");
    case '"':
      return text.replace(/["\\$`]/g, "\\$&");
    default:
      return text.replace(/[^\w./:=,@%+~-]/g, "\\$&");
  }
}

/**
 * The words of a line up to the cursor, as bash reads them, variables left as they are. The last one
 * is that at the cursor.
 *
 * @param breaks characters at which what is replaced begins anew
 */
export function bashWords(
  line: string,
  breaks: string,
): TypedWord & { readonly before: readonly string[]; readonly isRedirected: boolean } {
  const words: string[] = [];
  let word: string | undefined;
  let kept = "";
  let quote = "";
  let isRedirected = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (quote === "'" || (quote === '"' && letter !== "\\")) {
      if (letter === quote) quote = "";
      else word += letter;
    } else if (letter === "\\") {
      const next = line.charAt(++at);
      const isPlain = quote === '"' && next !== "" && !'"\\$`'.includes(next);
      word = (word ?? "") + (isPlain ? letter : "") + next;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word ??= "";
      kept = word;
    } else if (/[\s<>]/.test(letter)) {
      // In `2>file` the digit is none.
      const isStream = !/\s/.test(letter) && /^\d$/.test(word ?? "");
      if (word !== undefined && !isRedirected && !isStream) words.push(word);
      if (!/\s/.test(letter)) isRedirected = true;
      else if (word !== undefined) isRedirected = false;
      word = undefined;
      kept = "";
    } else {
      word = (word ?? "") + letter;
      if (breaks.includes(letter)) kept = word;
    }
  }
  return { before: words, word: word ?? "", kept, quote, isRedirected };
}
