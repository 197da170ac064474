import type { Manifest } from "../../support/cluster/mod.ts";
import type { Answer } from "./answer.ts";

/** What Contour said of the worlds of a variant; see `recorded/`. */
export interface Recording {
  /** The version of that Contour. */
  readonly contour: string;
  readonly variant: string;
  readonly worlds: readonly RecordedWorld[];
}

/** A world of a {@link Recording}. */
export interface RecordedWorld {
  readonly name: string;
  readonly objects: readonly Judged[];
}

/** An object and the answers to it, one at each start where they are not all the same. */
export interface Judged {
  /** `null`: Contour wrote no status. */
  readonly said: readonly (Answer | null)[];
  readonly of: Manifest;
}

/** Where the recording of a variant is kept: a line for what it is of, then one for each object. */
export function recordingUrl(variant: string): URL {
  return new URL(`recorded/${variant}.jsonl`, import.meta.url);
}

/** The recording of a variant. */
export async function readRecording(variant: string): Promise<Recording> {
  const text = await Deno.readTextFile(recordingUrl(variant));
  const [head, ...lines] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const worlds = new Map<string, Judged[]>();
  for (const { world, said, of } of lines) {
    const apiVersion = apiVersions.get(of.kind);
    if (apiVersion === undefined) throw new Error(`Cannot read a recording: what is ${of.kind}?`);
    worlds.set(world, [...worlds.get(world) ?? [], { said, of: { apiVersion, ...of } }]);
  }
  return { ...head, worlds: [...worlds].map(([name, objects]) => ({ name, objects })) };
}

const apiVersions: ReadonlyMap<string, string> = new Map([
  ["HTTPProxy", "projectcontour.io/v1"],
  ["TLSCertificateDelegation", "projectcontour.io/v1"],
  ["ExtensionService", "projectcontour.io/v1alpha1"],
  ["Ingress", "networking.k8s.io/v1"],
]);

/** Its text; objects go without their `apiVersion`. */
export function recordingText({ worlds, ...head }: Recording): string {
  const lines = worlds.flatMap(({ name: world, objects }) =>
    objects.map(({ said, of: { apiVersion: _, ...of } }) => ({ world, said, of }))
  );
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/**
 * Those `count` worlds that show most in little space: each next one is that with most messages not seen
 * before, names aside, for its size. What else is `wanted` counts as such messages do. In their old
 * order.
 */
export function mostTelling(
  worlds: readonly RecordedWorld[],
  count: number,
  wanted: (world: RecordedWorld) => readonly string[],
): RecordedWorld[] {
  const shapes = new Map(
    worlds.map((world) => [world, new Set([...shapesOf(world), ...wanted(world)])]),
  );
  const seen = new Set<string>();
  const chosen = new Set<RecordedWorld>();
  const sizes = new Map(worlds.map((world) => [world, JSON.stringify(world).length]));
  const worth = (world: RecordedWorld) => {
    const fresh = [...shapes.get(world) ?? []].filter((shape) => !seen.has(shape)).length;
    return (fresh + 0.01) / (sizes.get(world) ?? 1);
  };
  while (chosen.size < Math.min(count, worlds.length)) {
    const [best] = worlds.filter((world) => !chosen.has(world))
      .map((world) => ({ world, worth: worth(world) }))
      .sort((a, b) => b.worth - a.worth);
    if (best === undefined) break;
    chosen.add(best.world);
    for (const shape of shapes.get(best.world) ?? []) seen.add(shape);
  }
  return worlds.filter((world) => chosen.has(world));
}

/** Pairs of what is said together, since what hides what matters too. */
function shapesOf({ objects }: RecordedWorld): ReadonlySet<string> {
  const shapes = new Set<string>();
  for (const { said, of } of objects) {
    if (said.length > 1) shapes.add("unstable");
    for (const answer of said) {
      const entries = [...answer?.errors ?? [], ...answer?.warnings ?? []]
        .map(([kind, message]) =>
          `${of.kind} ${kind} ${message.replace(/"[^"]*"|[a-z]\d+-[ab]\/\S+/g, "…")}`
        );
      for (const [i, entry] of entries.entries()) {
        shapes.add(entry);
        shapes.add(`${entry} and then ${entries[i + 1] ?? "nothing"}`);
      }
    }
  }
  return shapes;
}
