/**
 * No object in a folder harms a neighbour. With `CONTOUR_NEIGHBOURS=full` each guilty one is also
 * gone by itself, instead of in favour of the next, and has a start of its own.
 */
import { startFileWorld } from "./file_world.ts";
import { guilties } from "./guilty/mod.ts";
import { holds } from "./promise.ts";
import { startWorldStage } from "./world.ts";

Deno.test("guilty objects in files: seven canaries of another team move", async () => {
  await using stage = await startWorldStage("127.0.0.1");
  await using world = await startFileWorld(stage);
  await holds(world, guilties);
});
