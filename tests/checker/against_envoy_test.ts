/**
 * Our verdict on messages beside that of a real Envoy: what we send, with one thing changed at a
 * time, as types and rules suggest. Nothing that Envoy takes may be refused; what Envoy refuses and
 * we would have sent is contained, and listed here with its share.
 *
 * `CHECKER_SEED` and `CHECKER_COUNT` have it look elsewhere, and at more.
 */
import assert from "node:assert/strict";
import { encode } from "../../proto/mod.ts";
import { Random } from "../support/world/random.ts";
import { judgeByEnvoy } from "./judge.ts";
import { mutated, type Mutation } from "./mutation.ts";
import { type Subject, subjects, type SubjectType, subjectTypes } from "./subjects.ts";
import { ourVerdict } from "./verdict.ts";

const seed = Number(Deno.env.get("CHECKER_SEED") ?? 20_276);
const count = Number(Deno.env.get("CHECKER_COUNT") ?? 6_000);

/** Of all refusals by Envoy, so many may be missed by us. */
const largestShare = 0.01;

/** What Envoy would take, and take long over. */
const isOwnBound = /: it comes to about \d+ steps/;

/** How many of a hundred are of each type. */
const shares: Readonly<Record<SubjectType, number>> = {
  [subjectTypes.cluster]: 30,
  [subjectTypes.assignment]: 5,
  [subjectTypes.listener]: 25,
  [subjectTypes.scope]: 40,
};

Deno.test(`the checks and Envoy agree on ${count} changed messages`, async () => {
  const all = await subjects();
  await using envoy = await judgeByEnvoy();
  await seemGood(all, envoy.judge);
  const changed = mutations(all, new Random(seed), count);
  const words = await envoy.judge(changed);
  const refused = words.filter((said) => said !== undefined).length;
  const missed: string[] = [];
  const wronged: string[] = [];
  for (const [i, { type, message, path, value }] of changed.entries()) {
    const said = words[i];
    const ours = ourVerdict(type, message);
    const what = `${type.split(".").at(-1)} ${path} = ${value}`;
    if (said !== undefined && ours.length === 0) missed.push(`${what}: ${said.slice(0, 300)}`);
    if (said === undefined && ours.some(({ message }) => !isOwnBound.test(message))) {
      const reasons = ours.map(({ path, message }) => `${path} ${message}`);
      wronged.push(`${what}: ${reasons.join("; ")}`);
    }
  }
  console.log(
    `${count} messages, seed ${seed}: Envoy refuses ${refused}, of which ${missed.length} ` +
      `(${(100 * missed.length / refused).toFixed(2)} %) pass our checks`,
  );
  for (const line of missed) console.log(`  passed: ${line}`);
  assert.deepEqual(wronged, [], "Envoy takes what we refuse");
  assert.ok(missed.length <= refused * largestShare, "too much passes that Envoy refuses");
  assert.ok(refused >= count / 5, `only ${refused} of ${count} were bad at all`);
});

/** Unchanged they are good, and there are enough of them. */
async function seemGood(
  all: readonly Subject[],
  judge: (subjects: readonly Subject[]) => Promise<readonly (string | undefined)[]>,
): Promise<void> {
  const words = await judge(all);
  assert.deepEqual(words.filter((said) => said !== undefined), []);
  assert.deepEqual(all.flatMap(({ type, message }) => ourVerdict(type, message)), []);
  assert.ok(all.length >= 800, `${all.length} messages to begin with`);
}

/** By type, since Envoy answers faster about one type at a time. */
function mutations(
  all: readonly Subject[],
  random: Random,
  count: number,
): readonly (Mutation & { readonly type: SubjectType })[] {
  return Object.values(subjectTypes).flatMap((type) => {
    const those = all.filter((subject) => subject.type === type);
    const found: (Mutation & { readonly type: SubjectType })[] = [];
    while (found.length < count * shares[type] / 100) {
      const mutation = mutated(type, random.of(those).message, random);
      if (mutation !== undefined && isEncodable(type, mutation)) found.push({ type, ...mutation });
    }
    return found;
  });
}

/** Numbers that a type cannot hold are found when it is encoded. */
function isEncodable(type: SubjectType, { message }: Mutation): boolean {
  try {
    encode(type, message);
    return true;
  } catch {
    return false;
  }
}
