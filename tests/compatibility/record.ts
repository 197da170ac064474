/**
 * Records anew what Contour says: `CONTOUR_BIN=/path/to/contour deno run -A
 * tests/compatibility/record.ts CRDS [VARIANT]`, where CRDS is the file of Contour's
 * CustomResourceDefinitions (`examples/contour/01-crds.yaml` of its repository). Needs some minutes a
 * variant. See `statuses/variants.ts` for the variants, and `statuses/recorded/` for what comes of it.
 */
import { compare } from "./statuses/compare.ts";
import { ourAnswers } from "./statuses/ours.ts";
import { makePem } from "./statuses/pem.ts";
import { judge } from "./statuses/record.ts";
import { mostTelling, recordingText, recordingUrl } from "./statuses/recording.ts";
import { variants } from "./statuses/variants.ts";

const [crds, only] = Deno.args;
const binary = Deno.env.get("CONTOUR_BIN");
if (crds === undefined || binary === undefined) {
  console.error("Usage: CONTOUR_BIN=/path/to/contour record.ts CRDS [VARIANT]");
  Deno.exit(2);
}
const pem = await makePem();
const contour = Deno.env.get("CONTOUR_VERSION") ?? "1.33.8";
for (const variant of variants.filter(({ name }) => only === undefined || name === only)) {
  const judged = await judge(variant, { seed: 20_261_124, starts: 3, crds });
  // Places where we differ have to be among them.
  const worlds = mostTelling(
    judged,
    variant.kept,
    (world) =>
      compare(variant, world, ourAnswers(variant, world, pem)).met
        .flatMap(({ name }) => Array.from({ length: 50 }, (_, i) => `${name} ${i}`)),
  );
  const text = recordingText({ contour, variant: variant.name, worlds });
  await Deno.writeTextFile(recordingUrl(variant.name), text);
  const objects = worlds.flatMap(({ objects }) => objects).length;
  console.log(`${variant.name}: ${worlds.length} worlds, ${objects} objects, ${text.length} bytes`);
}
