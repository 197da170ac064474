import assert from "node:assert/strict";
import type { Guilty } from "./guilty/mod.ts";
import { report, summary, Trials } from "./trial.ts";
import type { World } from "./world.ts";

/**
 * Puts guilty objects through a world, one at a time and then together with a start, and throws
 * what is not as promised. Without the first two `walls` Envoy refuses many of them, and what is
 * promised is that the neighbours move all the same.
 */
export async function holds(
  world: World,
  guilties: readonly Guilty[],
  { walls = true }: { readonly walls?: boolean } = {},
): Promise<void> {
  const found = report();
  const trials = new Trials(world, found, { told: walls });
  await trials.begin();
  if (isFull) { for (const guilty of guilties) await trials.alone(guilty); }
  else await trials.oneAfterTheOther(guilties);
  for (const group of groups(guilties)) await trials.restarted(group);
  const how = `${guilties.length} guilty objects in ${world.kind}, in both layouts`;
  console.log(`${how}${walls ? "" : ", without checks"}: ${summary(found)}`);
  assert.deepEqual(found.problems, []);
  if (!walls) {
    assert.ok(found.refused.length >= 100, "so few were refused that the checks are not off");
    return;
  }
  // Nobody knows all that an Envoy refuses, but of what stands in the list all has to be known.
  assert.deepEqual(found.refused, []);
}

/** Whether each is there, is gone, and is there at a start by itself. */
export const isFull = Deno.env.get("CONTOUR_NEIGHBOURS") === "full";

function groups(guilties: readonly Guilty[]): readonly (readonly Guilty[])[] {
  const size = isFull ? 1 : 60;
  return Array.from(
    { length: Math.ceil(guilties.length / size) },
    (_, i) => guilties.slice(i * size, (i + 1) * size),
  );
}
