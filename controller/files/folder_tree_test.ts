import assert from "node:assert/strict";
import { join } from "node:path";
import { FileTable } from "./file_table.ts";
import { FolderTree } from "./folder_tree.ts";
import type { Plan } from "./look_queue.ts";

// The times of the tree, with a clock that stands still until it is moved.

Deno.test("an emptied file is believed when it is still so a while later", async () => {
  await inTree(async ({ folder, table, tree, plans, clock }) => {
    const file = join(folder, "a.yaml");
    await Deno.writeTextFile(file, service("one"));
    await tree.look(file, true);
    assert.equal(table.drain().applied.length, 1);

    await Deno.writeTextFile(file, "");
    await tree.look(file, true);
    assert.deepEqual(table.drain().deleted, []);
    assert.deepEqual(plans.splice(0).map(({ path, inMs }) => [path, inMs]), [[file, 100]]);
    clock.now += 100;
    await tree.look(file, true);
    assert.equal(table.drain().deleted.length, 1);
  });
});

Deno.test("a last line that has lost its end is believed when it is still so a while later", async () => {
  await inTree(async ({ folder, table, tree, clock }) => {
    const file = join(folder, "a.yaml");
    const text =
      "apiVersion: v1\nkind: Service\nmetadata: {name: one}\nspec:\n  ports:\n  - port: 80\n";
    await Deno.writeTextFile(file, text);
    await tree.look(file, true);
    table.drain();

    // A port of 8 is as good as one of 80.
    await Deno.writeTextFile(file, text.slice(0, -2));
    await tree.look(file, true);
    assert.deepEqual(table.drain().applied, []);
    clock.now += 100;
    await tree.look(file, true);
    assert.equal(table.drain().applied.length, 1);
  });
});

Deno.test("a file that is written again in time never was without its objects", async () => {
  await inTree(async ({ folder, table, tree, clock }) => {
    const file = join(folder, "a.yaml");
    await Deno.writeTextFile(file, `${service("one")}\n---\n${service("two")}`);
    await tree.look(file, true);
    table.drain();

    await Deno.writeTextFile(file, service("one"));
    await tree.look(file, true);
    clock.now += 20;
    await Deno.writeTextFile(file, `${service("one")}\n---\n${service("two")}\n# more`);
    await tree.look(file, true);
    const { applied, deleted } = table.drain();
    assert.deepEqual([applied, deleted], [[], []]);
  });
});

Deno.test("a file is let go when it has been away for a moment", async () => {
  await inTree(async ({ folder, table, tree, plans, clock }) => {
    const file = join(folder, "a.yaml");
    await Deno.writeTextFile(file, service("one"));
    await tree.look(file, true);
    table.drain();

    await Deno.remove(file);
    await tree.look(file, true);
    assert.deepEqual(table.drain().deleted, []);
    assert.deepEqual(plans.splice(0).map(({ inMs }) => inMs), [10]);
    clock.now += 10;
    await tree.look(file, true);
    assert.equal(table.drain().deleted.length, 1);
    assert.equal(table.fileCount, 0);
  });
});

Deno.test("while files go one after the other, none of them is let go", async () => {
  await inTree(async ({ folder, table, tree, clock }) => {
    const files = ["a.yaml", "b.yaml", "c.yaml"].map((name) => join(folder, name));
    for (const [index, file] of files.entries()) {
      await Deno.writeTextFile(file, service(`s${index}`));
      await tree.look(file, true);
    }
    table.drain();
    for (const file of files) {
      await Deno.remove(file);
      await tree.look(file, true);
      clock.now += 8;
      for (const other of files) await tree.look(other, true);
    }
    await Deno.remove(folder);
    clock.now += 1_000;
    for (const file of files) await tree.look(file, true);
    const { deleted, diagnostics } = table.drain();
    assert.deepEqual(deleted, []);
    assert.deepEqual(diagnostics.map(({ message }) => message), [
      `"routes" has vanished: what was read there is kept`,
    ]);
  });
});

Deno.test("a look that finds nothing new reads nothing", async () => {
  await inTree(async ({ folder, table, tree }) => {
    const file = join(folder, "a.yaml");
    await Deno.writeTextFile(file, service("one"));
    const old = new Date("2020-01-01T00:00:00Z");
    await Deno.utime(file, old, old);
    await tree.look(file, false);
    table.drain();
    table.fail("routes/a.yaml", {
      code: "CTR015",
      severity: "error",
      path: "",
      message: "stays, for nothing is put over it",
    });
    await tree.look(file, false);
    assert.equal(table.diagnostics().length, 1);
    await tree.look(file, true);
    assert.equal(table.diagnostics().length, 0);
  });
});

interface Setting {
  readonly folder: string;
  readonly table: FileTable;
  readonly tree: FolderTree;
  readonly plans: (Plan & { readonly path: string })[];
  readonly clock: { now: number };
}

async function inTree(act: (setting: Setting) => Promise<void>): Promise<void> {
  const around = await Deno.makeTempDir({ prefix: "contour-tree-" });
  try {
    const folder = join(around, "routes");
    await Deno.mkdir(folder);
    const table = new FileTable();
    const plans: Setting["plans"] = [];
    const clock = { now: 1_000 };
    const tree = new FolderTree({
      roots: [{ given: "routes", path: folder }],
      namespace: "web",
      table,
      now: () => clock.now,
      lookAgain: (path, plan) => plans.push({ path, ...plan }),
      rearranged: () => {},
      notify: () => {},
    });
    await tree.look(folder, true);
    await act({ folder, table, tree, plans, clock });
  } finally {
    await Deno.remove(around, { recursive: true });
  }
}

function service(name: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}]}`;
}
