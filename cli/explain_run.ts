import { paintFor, UsageError } from "../command_line/mod.ts";
import type { ObjectKey } from "../controller/api/mod.ts";
import {
  answerOf,
  type AskedRequest,
  compareAnswers,
  Explainer,
  parseAsked,
} from "../explain/mod.ts";
import { withAssumed } from "../lint/mod.ts";
import { asksForCluster } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { type ExplainFlags, methods } from "./explain.ts";
import { readGiven } from "./given_objects.ts";
import { readJudging } from "./judging.ts";
import { readEnvoy } from "./live_envoy.ts";
import { diagnosticLines } from "./report/diagnostics.ts";
import { envoyJson, envoyText } from "./report/explain/envoy.ts";
import { explanationJson } from "./report/explain/json.ts";
import { explanationText } from "./report/explain/text.ts";

/** Follows the request, and prints what becomes of it. */
export async function runExplain(
  words: readonly string[],
  flags: ExplainFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, color, exit } = context;
  const { asked, rest } = questionOf(words, flags);
  const paths = [...rest, ...flags.filename ?? []];
  const isAlone = flags.envoy !== undefined && paths.length === 0 && !asksForCluster(flags);
  const told = isAlone ? undefined : await explained(asked, paths, flags, context);
  const paint = paintFor("out", terminal, color());
  const columns = terminal.outIsTerminal ? terminal.columns : Infinity;
  const look = { paint, columns, all: flags.verbose };
  let isTaken: boolean;
  if (flags.envoy === undefined) {
    if (told === undefined) return;
    const { explanation } = told;
    terminal.out(
      flags.output === "json" ? explanationJson(explanation) : explanationText(explanation, look),
    );
    isTaken = explanation.outcome.kind !== "none";
  } else {
    const envoy = answerOf(await readEnvoy(flags.envoy), asked);
    const compared = {
      asked,
      admin: flags.envoy,
      envoy,
      ...(told === undefined ? {} : {
        files: told.explanation,
        disagreements: compareAnswers(envoy, told.explanation),
      }),
    };
    terminal.out(
      flags.output === "json" ? envoyJson(compared) : envoyText(compared, look),
    );
    isTaken = envoy.outcome.kind !== "none" && (compared.disagreements ?? []).length === 0;
  }
  const errPaint = paintFor("err", terminal, color());
  const errors = told?.errors ?? [];
  for (const diagnostic of errors) terminal.err(diagnosticLines(diagnostic, errPaint));
  // A rule may stand in what could not be read.
  if (errors.some(({ code }) => unreadable.has(code))) return exit(2);
  exit(isTaken ? 0 : 1);
}

async function explained(
  asked: AskedRequest,
  paths: readonly string[],
  flags: ExplainFlags,
  context: CommandContext,
) {
  const { settings, plugins } = await readJudging(flags, context);
  const given = await readGiven(paths, flags, context, { policyKinds: plugins?.policyKinds });
  // What we may not see of a cluster has to be taken for there: Envoy knows better than we do.
  const isHidden = (key: ObjectKey) => given.cluster?.isSeen(key) === false;
  const world = given.cluster === undefined
    ? { objects: given.objects, settings }
    : withAssumed(given.objects, settings, (key) => !isHidden(key));
  const explanation = new Explainer({
    ...world,
    locate: given.files.locate,
    plugins: plugins?.set,
  }).explain(asked);
  const errors = given.files.diagnostics.filter(({ severity }) => severity === "error");
  return { explanation, errors };
}

/** Files of which nothing was seen; an object with a mistake in it says so and is left out. */
const unreadable = new Set<string>(["CTR001", "CTR012", "CTR013", "CTR014", "CTR015"]);

/** The words before the files: a method, which consists of letters alone, and a URL. */
function questionOf(
  words: readonly string[],
  { request, header }: ExplainFlags,
): { readonly asked: AskedRequest; readonly rest: readonly string[] } {
  const [first = "", second] = words;
  const hasMethod = /^[A-Z]+$/.test(first) ||
    methods.some((method) => method === first.toUpperCase());
  const [url, rest] = hasMethod ? [second, words.slice(2)] : [first, words.slice(1)];
  if (first === "") {
    throw new UsageError("name a URL: contour explain https://shop.example.com/cart routes/");
  }
  if (url === undefined) throw new UsageError(`name a URL behind the method ${first}`);
  const method = request ?? (hasMethod ? first.toUpperCase() : undefined);
  try {
    const asked = parseAsked({
      url,
      ...(method === undefined ? {} : { method }),
      ...(header === undefined ? {} : { headers: header }),
    });
    return { asked, rest };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
