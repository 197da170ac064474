import { contourCommand } from "../support/contour_process.ts";
import { checkStrangers } from "./strangers.ts";

Deno.test("plugins of strangers work from source, and their mistakes stop nobody", async () => {
  await checkStrangers(contourCommand);
});
