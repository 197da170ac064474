/** A team that does all it can to be in the way, and how the others fare meanwhile. */
import assert from "node:assert/strict";
import type { Manifest } from "../support/cluster/mod.ts";
import { Canaries } from "./canaries.ts";
import { guilties, type Guilty, numbered } from "./guilty/mod.ts";
import type { Side, World } from "./world.ts";

/** How long it goes on, in milliseconds. */
export const fightMs = Deno.env.get("CONTOUR_NEIGHBOURS") === "full" ? 30_000 : 8_000;

/**
 * Puts 500 guilty objects there at once, and changes one between good and guilty 20 times a second.
 * Throws when edits of others take more than a second (99 of 100), when a controller takes more than
 * a core, or when it writes more than a megabyte.
 */
export async function fightsBack(world: World): Promise<void> {
  const canaries = new Canaries(world);
  await canaries.move(30_000);
  const before = world.sides.map((side) => ({ side, ...costs(side) }));
  const begin = performance.now();
  const edits: number[] = [];
  let isOver = false;
  const editing = (async () => {
    while (!isOver) edits.push(await canaries.edit(10_000));
  })();
  await world.put("crowd", crowd());
  const toggling = toggle(world, performance.now() + fightMs);
  const [toggles] = await Promise.all([toggling, toggling.finally(() => isOver = true), editing]);
  const seconds = (performance.now() - begin) / 1_000;
  await world.drop("crowd");
  await canaries.move();
  const sorted = edits.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Infinity;
  const sides = before.map(({ side, cpuSeconds, logBytes }) => {
    const after = costs(side);
    return {
      layout: side.layout,
      cores: (after.cpuSeconds - cpuSeconds) / seconds,
      logBytes: after.logBytes - logBytes,
    };
  });
  const words = sides.map(({ layout, cores, logBytes }) =>
    `${layout}: ${cores.toFixed(2)} cores, ${Math.round(logBytes / 1_000)} kB of log`
  );
  console.log(
    `500 guilty objects and ${toggles} changes of another in ${seconds.toFixed(1)} s, ` +
      `in ${world.kind}: ${edits.length} edits of a neighbour, p50 ${Math.round(at(0.5))} ms, ` +
      `p99 ${Math.round(at(0.99))} ms; ${words.join("; ")}`,
  );
  assert.ok(at(0.99) <= 1_000, `edits took ${sorted.slice(-5)} ms`);
  for (const { layout, cores, logBytes } of sides) {
    assert.ok(cores < 1, `the controller took ${cores} cores in ${layout}`);
    assert.ok(logBytes < 1_000_000, `it wrote ${logBytes} bytes in ${layout}`);
  }
}

/** 500 of those that a cluster takes, one after the other. */
function crowd(): readonly Manifest[] {
  const all = guilties.filter(isLight);
  return Array.from({ length: 500 }, (_, i) => numbered(all[i % all.length] ?? fail(), i + 1_000))
    .flatMap(({ objects }) => objects);
}

/** Those of many routes or bytes have tests of what they cost; here it is about the number. */
function isLight({ beyond, objects }: Guilty): boolean {
  return beyond === undefined && objects.length < 8 && JSON.stringify(objects).length < 40_000;
}

/** Changes an object until then; returns how often. */
async function toggle(world: World, endMs: number): Promise<number> {
  const guilty = guilties.filter(isLight).filter(({ objects }) => objects.length === 1)
    .map((guilty) => numbered(guilty, 999));
  const [{ objects: good } = fail()] = guilty.filter(({ what }) =>
    what === "a value that ends with a line break"
  );
  const mended = JSON.parse(JSON.stringify(good).replace("a\\n", "a"));
  let count = 0;
  for (const start = performance.now(); performance.now() < endMs;) {
    const next = count % 2 === 0 ? guilty[(count / 2) % guilty.length]?.objects ?? fail() : mended;
    await world.put("toggled", next);
    count++;
    const due = start + count * 50;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  await world.drop("toggled");
  return count;
}

function costs(side: Side): { readonly cpuSeconds: number; readonly logBytes: number } {
  const stat = Deno.readTextFileSync(`${processFolder(side.pid())}/stat`);
  // Behind the name, which may hold blanks, these are the 12th and 13th: ticks of a hundredth second.
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13)
    .map(Number);
  const logBytes = side.log().reduce((sum, line) => sum + JSON.stringify(line).length + 1, 0);
  return { cpuSeconds: (user + system) / 100, logBytes };
}

/** Where /proc tells of a process of ours, though it may number them otherwise than we do. */
function processFolder(pid: number): string {
  const ours = Deno.readLinkSync("/proc/self/ns/pid");
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = Deno.readTextFileSync(`/proc/${name}/status`);
      const [, numbers = ""] = /^NSpid:\s+(.*)$/m.exec(status) ?? [];
      const isIt = numbers.split(/\s+/).at(-1) === String(pid);
      if (isIt && Deno.readLinkSync(`/proc/${name}/ns/pid`) === ours) return `/proc/${name}`;
    } catch (error) {
      // It has ended meanwhile, or is none of ours.
      if (error instanceof Deno.errors.NotFound) continue;
      if (error instanceof Deno.errors.PermissionDenied) continue;
      throw error;
    }
  }
  throw new Error(`There is no process ${pid}`);
}

function fail(): never {
  throw new Error("There are no such objects");
}
