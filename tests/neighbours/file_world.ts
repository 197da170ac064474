import { join } from "node:path";
import type { Manifest } from "../support/cluster/mod.ts";
import { contourCommand } from "../support/contour_process.ts";
import { startSides, surroundings, type World, type WorldStage } from "./world.ts";

/**
 * A world whose objects are in a folder: a file for everything that is put there together. `command`
 * makes the command to start controllers with, by a folder that is gone with the world.
 */
export async function startFileWorld(
  stage: WorldStage,
  command: (folder: string) => Promise<readonly string[]> = () => Promise.resolve(contourCommand),
): Promise<World> {
  const aside = await Deno.makeTempDir({ prefix: "contour-neighbours-aside-" });
  const folder = await Deno.makeTempDir({ prefix: "contour-neighbours-" });
  const path = (name: string) => join(folder, `${name}.yaml`);
  const put = async (name: string, objects: readonly Manifest[]) => {
    // Beside the folder, so that nobody reads half a file.
    const whole = join(aside, name);
    await Deno.writeTextFile(whole, documents(objects));
    await Deno.rename(whole, path(name));
  };
  const remove = async () => {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(aside, { recursive: true });
  };
  try {
    await put("surroundings", surroundings(stage));
    const { sides, [Symbol.asyncDispose]: end } = await startSides(
      [folder],
      await command(aside),
    );
    return {
      kind: "files",
      stage,
      sides,
      put,
      drop: (name) => Deno.remove(path(name)),
      async [Symbol.asyncDispose]() {
        await end();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Line by line, so that places in it mean something. */
function documents(objects: readonly Manifest[]): string {
  return objects.map((object) => JSON.stringify(object, undefined, 1)).join("\n---\n");
}
