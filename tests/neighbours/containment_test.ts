/** Where nothing is checked beforehand, containment alone keeps neighbours from harm. */
import { startFileWorld } from "./file_world.ts";
import { guilties } from "./guilty/mod.ts";
import { holds } from "./promise.ts";
import { commandWithoutWalls } from "./walls_off/mod.ts";
import { startWorldStage } from "./world.ts";

Deno.test("guilty objects that nobody checks: seven canaries of another team move", async () => {
  await using stage = await startWorldStage("127.0.0.1");
  await using world = await startFileWorld(stage, commandWithoutWalls);
  await holds(world, guilties, { walls: false });
});
