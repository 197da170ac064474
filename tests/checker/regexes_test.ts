/**
 * Our verdict on regular expressions beside that of a real Envoy, which has to be the same but where
 * Go, and with it Contour, refuses what RE2 takes.
 *
 * `CHECKER_SEED` and `CHECKER_COUNT` have it look elsewhere, and at more.
 */
import assert from "node:assert/strict";
import { regexProblem } from "../../controller/graph/mod.ts";
import { Random } from "../support/world/random.ts";
import { judgeByEnvoy } from "./judge.ts";
import { everySyntax, randomRegex } from "./regexes.ts";
import { type Subject, subjectTypes } from "./subjects.ts";

const seed = Number(Deno.env.get("CHECKER_SEED") ?? 1_600);
const count = Number(Deno.env.get("CHECKER_COUNT") ?? 6_000);

/** Why we refuse what Envoy takes. */
const stricter: Readonly<Record<string, RegExp>> = {
  "a single byte": /invalid escape sequence: `\\C`/,
  "a name that comes twice": /duplicate capture group name/,
  "a name beyond ASCII": /invalid named capture: `\(\?P?<[^>]*[^\0-\x7f]/,
  "a count that no number holds": /invalid repeat count: `\{\d{10,}/,
  "a range that goes down beyond ASCII": /invalid character class range: `[^\0-\x7f]-[^\0-\x7f]/,
  "more steps than we let pass": /it comes to about \d+ steps/,
};

Deno.test(`we and Envoy agree on ${count} regular expressions, and on each syntax`, async () => {
  await using envoy = await judgeByEnvoy();
  const random = new Random(seed);
  const drawn = Array.from({ length: count }, () => randomRegex(random));
  // Envoy gets none that is empty; what is no Unicode cannot be sent.
  const patterns = [...new Set([...everySyntax(), ...drawn])]
    .filter((pattern) => pattern !== "" && pattern.isWellFormed());
  const words = await envoy.judge(patterns.map(subject));
  const missed: string[] = [];
  const wronged: string[] = [];
  const told = new Map<string, number>();
  for (const [i, pattern] of patterns.entries()) {
    const said = words[i];
    const ours = regexProblem(pattern);
    if ((said === undefined) === (ours === undefined)) continue;
    const [reason] = Object.entries(stricter).find(([, words]) => words.test(ours ?? "")) ?? [];
    if (reason !== undefined) told.set(reason, (told.get(reason) ?? 0) + 1);
    else if (ours === undefined) missed.push(`${JSON.stringify(pattern)}: ${said}`);
    else wronged.push(`${JSON.stringify(pattern)}: ${ours}`);
  }
  const refused = words.filter((said) => said !== undefined).length;
  console.log(
    `${patterns.length} patterns, seed ${seed}: Envoy refuses ${refused}; we besides: ` +
      [...told].map(([reason, times]) => `${reason} (${times})`).join(", "),
  );
  assert.deepEqual(missed, [], "Envoy refuses what we take");
  assert.deepEqual(wronged, [], "Envoy takes what we refuse");
  assert.ok(refused > patterns.length / 4 && refused < patterns.length * 3 / 4, "they are alike");
});

/** A rule with this pattern. */
function subject(regex: string): Subject {
  const route = { match: { safeRegex: { regex } }, directResponse: { status: 200 } };
  return {
    type: subjectTypes.scope,
    message: {
      name: "scope",
      key: { fragments: [{ stringKey: "k" }] },
      routeConfiguration: {
        name: "regexes",
        virtualHosts: [{ name: "all", domains: ["*"], routes: [route] }],
      },
    },
  };
}
