/** Endpoints go on moving while a host is worked on whose includes double at each of 17 levels. */
import assert from "node:assert/strict";
import { type Backend, startBackend } from "../support/backend.ts";
import { eventually } from "../support/wait.ts";
import { endpointSlice, httpProxy, service } from "./manifests.ts";
import { type Stage, startStage } from "./stage.ts";

const levels = 17;

/** How long an endpoint may wait, on a machine that has nothing else to do. */
const mostMs = 100;

Deno.test("endpoints move while a tree of includes doubles at each of 17 levels", async () => {
  await using stage = await startStage();
  await using one = await startBackend({ name: "one" });
  await using two = await startBackend({ name: "two" });
  await stage.write("moving.yaml", moving);
  await stage.write("endpoints.yaml", endpointSlice("moving", one.port));
  await stage.answers("moving.localhost", 200);

  const quiet = await moves(stage, [one, two]);
  const mark = stage.lines.length;
  await stage.write("tree.yaml", tree(0));
  await stage.told("the limit", { code: "CTR307", message: /more than 2500 routes/ }, mark);
  let isOver = false;
  const treeTimes: number[] = [];
  const editing = (async () => {
    for (let form = 1; !isOver; form++) treeTimes.push(await workedThrough(stage, tree(form)));
  })();
  const heavy = await moves(stage, [one, two]);
  isOver = true;
  await editing;
  const delay = median(heavy) - median(quiet);
  console.log(
    `an endpoint moves in ${median(quiet)} ms, beside the tree, which takes ` +
      `${median(treeTimes)} ms, in ${median(heavy)} ms (at most ${Math.max(...heavy)} ms)`,
  );
  // Where others take the processor, the tree is slow as well. It is edited without a pause.
  const allowed = Math.max(mostMs, 1.5 * median(treeTimes));
  assert.ok(delay <= allowed, `endpoints wait for the tree: ${heavy} ms instead of ${quiet} ms`);
  stage.steady();
});

/** Puts the tree into this form, and says how long that took. */
async function workedThrough(stage: Stage, text: string): Promise<number> {
  const mark = stage.lines.length;
  const begin = performance.now();
  await stage.write("tree.yaml", text);
  await eventually(
    "the tree is worked through",
    () =>
      stage.lines.slice(mark).some(({ msg, fields }) =>
        msg === "Settled" && Number(fields["visits"]) > levels
      ),
  );
  return Math.round(performance.now() - begin);
}

/** How long endpoints take to move, one time after the other. */
async function moves(
  stage: Stage,
  backends: readonly [Backend, Backend],
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < 21; i++) {
    const { name, port } = backends[(i + 1) % 2 === 0 ? 0 : 1];
    const begin = performance.now();
    await stage.write("endpoints.yaml", endpointSlice("moving", port));
    // Asked without a pause, or the pause would be what is measured.
    while (!(await stage.ask("moving.localhost")).body.includes(name)) {
      assert.ok(performance.now() - begin < 20_000, `requests never reach ${name}`);
    }
    times.push(Math.round(performance.now() - begin));
  }
  return times;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

const moving = `${service("moving")}---\n${
  httpProxy(
    "moving",
    "  virtualhost: {fqdn: moving.localhost}\n  routes:\n    - services: [{name: moving, port: 80}]\n",
  )
}`;

/** Each level includes the next one twice. */
function tree(form: number): string {
  return Array.from({ length: levels }, (_, level) => {
    const host = level === 0 ? "  virtualhost: {fqdn: tree.localhost}\n" : "";
    const next = `{name: level-${level + 1}, conditions: [{prefix: `;
    const includes = level + 1 < levels
      ? `  includes: [${next}/x${form}}]}, ${next}/y}]}]\n`
      : "  routes:\n    - services: [{name: moving, port: 80}]\n";
    return httpProxy(`level-${level}`, host + includes);
  }).join("---\n");
}
