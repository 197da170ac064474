import { regexes } from "../regexes.ts";
import type { Rule } from "../rule.ts";

/** A regular expression that other engines take exponential time for. */
export const nestedRepetition: Rule = {
  code: "CTR410",
  row: {
    name: "NestedRepetition",
    title: "Repetition inside a repetition",
    severity: "warning",
    explanation:
      "A repetition without a limit stands inside another one, as in (a+)+. Envoy's engine, RE2, takes linear time all the same, but every engine that backtracks (those of test suites, browsers and other proxies) takes exponential time for some texts. It mostly means the same without the inner or the outer repetition.",
  },
  *check(context) {
    for (const { object, path, regex } of regexes(context)) {
      const part = nested(regex);
      if (part === undefined) continue;
      yield {
        object,
        path,
        message:
          `"${part}" repeats what repeats: engines that backtrack take exponential time for it`,
      };
    }
  },
};

/** The first group that is repeated without limit and consists of something that is. */
function nested(regex: string): string | undefined {
  const open: { readonly start: number; hasInner: boolean }[] = [];
  for (let at = 0; at < regex.length; at++) {
    const character = regex[at];
    if (character === "\\") at++;
    else if (character === "[") at = endOfClass(regex, at);
    else if (character === "(") open.push({ start: at, hasInner: false });
    else if (character === ")") {
      const group = open.pop();
      if (group === undefined) return undefined;
      const repeats = /^([*+]|\{\d+,\})/.exec(regex.slice(at + 1))?.[0];
      const outer = open.at(-1);
      if (
        repeats !== undefined && group.hasInner && isAmbiguous(regex.slice(group.start, at + 1))
      ) {
        return regex.slice(group.start, at + 1 + repeats.length);
      }
      if (outer !== undefined && (group.hasInner || repeats !== undefined)) outer.hasInner = true;
    } else if (character === "*" || character === "+") {
      const group = open.at(-1);
      if (group !== undefined) group.hasInner = true;
    }
  }
  return undefined;
}

/** Whether a round can end in several places: nothing fixed parts one round from the next. */
function isAmbiguous(group: string): boolean {
  const body = group.replace(/^\((\?:|\?P?<\w+>)?/, "").slice(0, -1);
  return body.split("|").some((branch) =>
    !/^[/\w=&.,;-][^*+?{]|^\\[./-][^*+?{]|[/=&,;-]$/.test(branch)
  );
}

function endOfClass(regex: string, start: number): number {
  let at = start + 1;
  if (regex[at] === "^") at++;
  if (regex[at] === "]") at++;
  while (at < regex.length && regex[at] !== "]") at += regex[at] === "\\" ? 2 : 1;
  return at;
}
