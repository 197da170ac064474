/**
 * Asks the reference service and ours the same, by chance, and says where they differ:
 *
 *     RATELIMIT_BIN=… deno run -A plugins/rate_limit/tests/reference/record.ts --scenarios 2000 --files 1500
 *
 * With `--save` some of what the reference answered is kept for the tests, which need no binary.
 */
import { parseArgs } from "node:util";
import { startRedis } from "../redis.ts";
import { verdictOn } from "./file_verdict.ts";
import { askBoth, type LiveScenario } from "./live.ts";
import { readByReference, type RecordedFile } from "./live_files.ts";
import { randomFile } from "./random_file.ts";
import { randomScenario } from "./random_scenario.ts";
import { recordedFile, recordedScenarios } from "./recorded.ts";
import { replay } from "./replay.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    scenarios: { type: "string", default: "2000" },
    files: { type: "string", default: "1500" },
    save: { type: "boolean", default: false },
  },
});
const binary = Deno.env.get("RATELIMIT_BIN");
if (binary === undefined) throw new Error("RATELIMIT_BIN has to name the reference service");
const seeds = (count: string) => Array.from({ length: Number(count) }, (_, i) => seed + i);
const seed = Number(values.seed);
await using redis = await startRedis();

const scenarios = await askBoth(
  binary,
  redis,
  seeds(values.scenarios).map((seed) => randomScenario(seed, `d${seed}`)),
);
let requests = 0;
let decisions = 0;
let different = 0;
for (const scenario of scenarios) {
  requests += scenario.requests.length;
  for (const { descriptors } of scenario.requests) decisions += descriptors.length;
  for (const line of await differences(scenario)) {
    different++;
    console.log(`${scenario.config.domain}: ${line}`);
  }
}
const files = await readByReference(binary, redis, seeds(values.files).map(randomFile));
let refused = 0;
for (const { text, refused: why } of files) {
  if (why !== null) refused++;
  const difference = verdictOn({ text, refused: why });
  if (difference === undefined) continue;
  different++;
  console.log(`${difference}\n${text}\n`);
}
console.log(
  `${requests} requests with ${decisions} descriptors, ${files.length} files of which ` +
    `${refused} are refused: ${different} differences`,
);
if (values.save) await save(scenarios, files);

async function differences({ ours, ...scenario }: LiveScenario): Promise<readonly string[]> {
  const { answers, counters } = scenario;
  const replayed = await replay(scenario, answers.map(([at]) => at));
  const found: string[] = [];
  for (const [i, [, theirs]] of answers.entries()) {
    for (const [how, own] of [["in Redis", ours[i]], ["in memory", replayed.answers[i]]] as const) {
      if (own !== theirs) found.push(`request ${i}: reference ${theirs}, ours ${how} ${own}`);
    }
  }
  for (const name of new Set([...Object.keys(counters), ...Object.keys(replayed.counters)])) {
    const [theirs, own] = [counters[name] ?? 0, replayed.counters[name] ?? 0];
    if (theirs !== own) found.push(`${name}: reference ${theirs}, ours ${own}`);
  }
  return found;
}

/** Keeps what is short, so that it can be looked at. */
async function save(
  scenarios: readonly LiveScenario[],
  files: readonly RecordedFile[],
): Promise<void> {
  const lines = (values: readonly unknown[], longest: number, count: number) =>
    values.map((value) => JSON.stringify(value)).filter(({ length }) => length <= longest)
      .slice(0, count).map((line) => `${line}\n`).join("");
  const told = scenarios.map(({ ours: _, ...scenario }) => scenario);
  await Deno.writeTextFile(recordedScenarios, lines(told, 1_800, 100));
  await Deno.writeTextFile(recordedFile, lines(files, 700, 250));
}
