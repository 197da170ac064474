/** A team that fights back. With `CONTOUR_NEIGHBOURS=full` it does so for 30 seconds. */
import { fightsBack } from "./fight.ts";
import { startFileWorld } from "./file_world.ts";
import { startWorldStage } from "./world.ts";

Deno.test("a team that does its worst in files: neighbours go on", async () => {
  await using stage = await startWorldStage("127.0.0.1");
  await using world = await startFileWorld(stage);
  await fightsBack(world);
});
