/**
 * Whatever is done to the objects, in whatever order, the live translation is the one computed from
 * nothing. `SCRIPTS=5000` tries more scripts, `SEED=17` that one alone.
 */
import { randomScript, type Script, secretPool } from "../support/world.ts";
import { runScript } from "./script_run.ts";
import { scriptText, shrunk } from "./shrink.ts";

const seed = Number(Deno.env.get("SEED") ?? 0);
const scripts = seed > 0 ? 1 : Number(Deno.env.get("SCRIPTS") ?? 320);

Deno.test(`live equals cold after each step of ${scripts} random scripts`, async () => {
  const secrets = await secretPool();
  const first = seed > 0 ? seed : 1;
  for (let each = first; each < first + scripts; each++) {
    const script = randomScript(each, secrets);
    const error = failure(script);
    if (error === undefined) continue;
    const least = shrunk(script, (shorter) => failure(shorter) !== undefined);
    const text = `SEED=${each} fails, and so does this:\n${scriptText(least)}`;
    throw new Error(text, { cause: failure(least) ?? error });
  }
});

function failure(script: Script): unknown {
  try {
    runScript(script);
    return undefined;
  } catch (error) {
    return error;
  }
}
