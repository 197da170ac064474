import assert from "node:assert/strict";
import { join } from "node:path";
import type { ObjectKey } from "../api/mod.ts";
import { type FileBatch, type FileEvent, type FileSource, readFiles, watchFiles } from "./mod.ts";

Deno.test("folders are read with all beneath them, and what is not ours is passed over", async () => {
  await inFolder(async (folder) => {
    await folder.write("a.yaml", service("a"));
    await folder.write("deep/er/b.yml", `${service("b")}\n---\n${service("c")}`);
    await folder.write("deep/d.json", json("d"));
    await folder.write("README.md", "# not ours");
    await folder.write(".git/e.yaml", service("e"));
    const skipped: string[] = [];
    const notify = (event: FileEvent) => {
      if (event.kind === "skipped") skipped.push(`${event.path.split("/").at(-1)} ${event.reason}`);
    };
    const { objects, diagnostics, fileCount, locate } = await readFiles({
      paths: [folder.path],
      namespace: "web",
      notify,
    });
    assert.deepEqual(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`), [
      "web/a",
      "web/b",
      "web/c",
      "web/d",
    ]);
    assert.deepEqual(diagnostics, []);
    assert.equal(fileCount, 3);
    assert.deepEqual(skipped.sort(), [".git hidden", "README.md other-extension"]);
    const at = locate(key("c"), "spec.ports[0].port");
    assert.equal(at?.file, join(folder.path, "deep/er/b.yml"));
    assert.equal(at?.line, 15);
  });
});

Deno.test("a file that is named is read whatever its extension, and standard input too", async () => {
  await inFolder(async (folder) => {
    await folder.write("routes.conf", service("a"));
    const { objects, diagnostics } = await readFiles({
      paths: [join(folder.path, "routes.conf")],
      stdin: `${service("b")}\n---\nkind: [`,
      namespace: "web",
    });
    assert.deepEqual(objects.map(({ metadata }) => metadata.name), ["a", "b"]);
    assert.equal(diagnostics[0]?.position?.file, "<stdin>");
  });
});

Deno.test("what cannot be read is said with its place, and the rest is read", async () => {
  await inFolder(async (folder) => {
    await folder.write("good.yaml", service("good"));
    await folder.write("syntax.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x\n");
    await folder.write("latin.yaml", new Uint8Array([0x61, 0x3a, 0x0a, 0x20, 0xe4]));
    await folder.link("loop.yaml", "loop.yaml");
    await folder.link("nowhere.yaml", "nothing.yaml");
    await Deno.mkdir(join(folder.path, "empty"));
    const contents = await readFiles({
      paths: ["missing", folder.path, join(folder.path, "empty")],
      namespace: "web",
    });
    assert.deepEqual(contents.objects.map(({ metadata }) => metadata.name), ["good"]);
    assert.deepEqual(
      contents.diagnostics.map(({ position: at, code, severity }) =>
        `${at?.file.split("/").at(-1)}:${at?.line}:${at?.column} ${code} ${severity}`
      ),
      [
        "empty:1:1 CTR017 warning",
        "latin.yaml:2:2 CTR001 error",
        "loop.yaml:1:1 CTR015 error",
        "nowhere.yaml:1:1 CTR015 error",
        "syntax.yaml:4:1 CTR001 error",
        "missing:1:1 CTR015 error",
      ],
    );
  });
});

Deno.test("a file of 50 MB is read, one above the limit is refused", async () => {
  await inFolder(async (folder) => {
    const filler = `# ${"x".repeat(97)}\n`.repeat(500_000);
    await folder.write("large.yaml", filler + service("large"));
    await folder.write("too-large.yaml", "");
    await Deno.truncate(join(folder.path, "too-large.yaml"), 64 * 1024 * 1024 + 1);
    const { objects, diagnostics } = await readFiles({ paths: [folder.path], namespace: "web" });
    assert.deepEqual(objects.map(({ metadata }) => metadata.name), ["large"]);
    assert.deepEqual(diagnostics.map(({ code, position }) => [code, position?.line]), [[
      "CTR013",
      1,
    ]]);
  });
});

Deno.test("an edit, a new file, a new folder and a removed file are each told", async () => {
  await watching({ "a.yaml": service("a") }, async (folder, next) => {
    await folder.write("a.yaml", service("a", 81));
    await next({ applied: ["a"] });
    await folder.write("b.yaml", service("b"));
    await next({ applied: ["b"] });
    await folder.write("new/folder/c.yaml", service("c"));
    await next({ applied: ["c"] });
    await folder.write("new/folder/c.yaml", service("c", 82));
    await next({ applied: ["c"] });
    await Deno.remove(join(folder.path, "b.yaml"));
    await next({ deleted: ["b"] });
    await Deno.remove(join(folder.path, "new"), { recursive: true });
    await next({ deleted: ["c"] });
  });
});

Deno.test("an editor that writes beside and renames over is followed", async () => {
  await watching({ "a.yaml": service("a") }, async (folder, next) => {
    for (const port of [81, 82, 83]) {
      await folder.write(".a.yaml.swp", service("a", port));
      await folder.rename(".a.yaml.swp", "a.yaml");
      await next({ applied: ["a"] });
    }
    await folder.rename("a.yaml", "z.yaml");
    await folder.write("a.yaml", service("b"));
    await next({ applied: ["b"] });
  });
});

Deno.test("a named file that is renamed over is followed", async () => {
  await inFolder(async (folder) => {
    await folder.write("a.yaml", service("a"));
    await following([join(folder.path, "a.yaml")], {}, async (next) => {
      await next({ applied: ["a"] });
      await folder.write("other.yaml", service("other"));
      await folder.write("a.new", service("a", 81));
      await folder.rename("a.new", "a.yaml");
      await next({ applied: ["a"] });
    });
  });
});

Deno.test("a file that is emptied and written again never loses its objects", async () => {
  await watching({ "a.yaml": `${service("a")}\n---\n${service("b")}` }, async (folder, next) => {
    for (let port = 81; port < 86; port++) {
      folder.writeAtOnce("a.yaml", "");
      folder.writeAtOnce("a.yaml", service("a", port));
      folder.writeAtOnce("a.yaml", `${service("a", port)}\n---\n${service("b")}`);
      await next({ applied: ["a"] });
    }
    await folder.write("a.yaml", "");
    await next({ deleted: ["a", "b"] });
  });
});

Deno.test("a file that is removed and written anew does not lose its objects", async () => {
  await watching({ "a.yaml": service("a") }, async (folder, next) => {
    Deno.removeSync(join(folder.path, "a.yaml"));
    folder.writeAtOnce("a.yaml", service("a", 81));
    await next({ applied: ["a"] });
  });
});

Deno.test("a broken edit is reported and keeps the last good form", async () => {
  await watching({ "a.yaml": service("a"), "b.yaml": service("b") }, async (folder, next) => {
    await folder.write("a.yaml", service("a", "http"));
    await next({ diagnostics: ["a.yaml:7:10"] });
    await folder.write("b.yaml", service("b", 81));
    await next({ applied: ["b"] });
    await folder.write("a.yaml", service("a"));
    await next({ mended: ["a.yaml"] });
  });
});

Deno.test("a folder that vanishes keeps what was read; when it is back it is read anew", async () => {
  await watching(
    { "a.yaml": service("a"), "sub/b.yaml": service("b") },
    async (folder, next, source, batches) => {
      await Deno.rename(folder.path, `${folder.path}-away`);
      await next({ diagnostics: [`${folder.name}:1:1`] });
      assert.equal(source.objectCount, 2);

      await folder.write("a.yaml", service("a", 81));
      await until(batches, () => source.objectCount === 1);
      assert.deepEqual(source.diagnostics(), []);
      await folder.write("c.yaml", service("c"));
      await next({ applied: ["c"] });
    },
  );
});

Deno.test("a folder that is removed file by file counts as vanished, too", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [`${n}.yaml`, service(`s${n}`)]),
  );
  await watching(files, async (folder, next, source) => {
    await Deno.remove(folder.path, { recursive: true });
    await next({ diagnostics: [`${folder.name}:1:1`] });
    assert.equal(source.objectCount, 40);
  });
});

Deno.test("a path that does not exist yet is read once it does", async () => {
  await inFolder(async (folder) => {
    const later = new Folder(join(folder.path, "later"));
    await following([later.path], {}, async (next, source, batches) => {
      await next({ diagnostics: ["later:1:1"] });
      await later.write("a.yaml", service("a"));
      await until(
        batches,
        () => source.objectCount === 1 && source.diagnostics().length === 0,
      );
    });
  });
});

Deno.test("an empty folder is warned of until something is in it", async () => {
  await watching({}, async (folder, next, source) => {
    assert.deepEqual(source.diagnostics().map(({ severity }) => severity), ["warning"]);
    await folder.write("a.yaml", service("a"));
    await next({ applied: ["a"] });
    assert.deepEqual(source.diagnostics(), []);
    await Deno.remove(join(folder.path, "a.yaml"));
    await next({ deleted: ["a"], diagnostics: [`${folder.name}:1:1`] });
  });
});

Deno.test("a volume of Kubernetes, swapped by its link, changes and loses nothing", async () => {
  await inFolder(async (folder) => {
    await folder.write("..1/a.yaml", service("a"));
    await folder.write("..1/b.yaml", service("b"));
    await folder.link("..data", "..1");
    await folder.link("a.yaml", "..data/a.yaml");
    await folder.link("b.yaml", "..data/b.yaml");
    await following([folder.path], {}, async (next, _, batches) => {
      await next({ applied: ["a", "b"] });
      await folder.write("..2/a.yaml", service("a", 81));
      await folder.write("..2/b.yaml", service("b", 81));
      await folder.link("..data_tmp", "..2");
      await folder.rename("..data_tmp", "..data");
      const changed: string[] = [];
      await until(batches, ({ applied, deleted }) => {
        assert.deepEqual(deleted, []);
        changed.push(...applied.map(({ metadata }) => metadata.name));
        return changed.length === 2;
      });
      assert.deepEqual(changed.sort(), ["a", "b"]);
    });
  });
});

Deno.test("links to folders are followed, but not in circles", async () => {
  await inFolder(async (elsewhere) => {
    await elsewhere.write("a.yaml", service("a"));
    await elsewhere.link("circle", elsewhere.path);
    await watching({}, async (folder, next) => {
      await folder.link("link", elsewhere.path);
      await next({ applied: ["a"] });
      await elsewhere.write("a.yaml", service("a", 81));
      await next({ applied: ["a"] });
      await elsewhere.write("b.yaml", service("b"));
      await next({ applied: ["b"] });
    });
  });
});

Deno.test("a burst is one batch, or a few", async () => {
  await watching({}, async (folder, _, source, batches) => {
    const count = 200;
    for (let n = 0; n < count; n++) folder.writeAtOnce(`${n}.yaml`, service(`s${n}`));
    let seen = 0;
    let turns = 0;
    while (seen < count) {
      seen += (await batches.next()).value?.applied.length ?? 0;
      turns++;
    }
    assert.equal(source.objectCount, count);
    assert.ok(turns <= 20, `${turns} batches`);
  });
});

Deno.test("changes are found without events as well", async () => {
  await inFolder(async (folder) => {
    await folder.write("a.yaml", service("a"));
    await following([folder.path], { events: false, lookEveryMs: 10 }, async (next) => {
      await next({ applied: ["a"] });
      await folder.write("a.yaml", service("a", 81));
      await next({ applied: ["a"] });
      await folder.write("sub/b.yaml", service("b"));
      await next({ applied: ["b"] });
      await Deno.remove(join(folder.path, "a.yaml"));
      await next({ deleted: ["a"] });
    });
  });
});

Deno.test("one object in two files: the first by path has it", async () => {
  await watching({ "b.yaml": service("a", 1) }, async (folder, next) => {
    await folder.write("a.yaml", service("a", 2));
    await next({ applied: ["a"], diagnostics: ["b.yaml:5:9"] });
    await Deno.remove(join(folder.path, "a.yaml"));
    await next({ applied: ["a"], mended: ["b.yaml"] });
  });
});

Deno.test("a source whose signal is aborted ends", async () => {
  await inFolder(async (folder) => {
    const stop = new AbortController();
    const source = watchFiles({ paths: [folder.path], namespace: "web", signal: stop.signal });
    const batches = source[Symbol.asyncIterator]();
    await batches.next();
    const next = batches.next();
    stop.abort();
    assert.equal((await next).done, true);
  });
});

/** A folder of a test, written to by name. */
class Folder {
  constructor(readonly path: string) {}

  get name(): string {
    return this.path.split("/").at(-1) ?? "";
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.path, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }

  writeAtOnce(name: string, content: string): void {
    Deno.writeTextFileSync(join(this.path, name), content);
  }

  async rename(from: string, to: string): Promise<void> {
    await Deno.rename(join(this.path, from), join(this.path, to));
  }

  async link(name: string, target: string): Promise<void> {
    await Deno.symlink(target, join(this.path, name));
  }
}

interface Expected {
  readonly applied?: string[];
  readonly deleted?: string[];
  readonly diagnostics?: string[];
  readonly mended?: string[];
}

type Next = (expected: Expected) => Promise<void>;

async function until(
  batches: AsyncIterator<FileBatch, void>,
  condition: (batch: FileBatch) => boolean,
) {
  for (;;) {
    const { value } = await batches.next();
    if (value === undefined) throw new Error("The source has ended");
    if (condition(value)) return;
  }
}

async function inFolder(act: (folder: Folder) => Promise<void>): Promise<void> {
  const around = await Deno.makeTempDir({ prefix: "contour-files-" });
  const folder = new Folder(join(around, "routes"));
  await Deno.mkdir(folder.path);
  try {
    await act(folder);
  } finally {
    await Deno.remove(around, { recursive: true });
  }
}

async function watching(
  files: Record<string, string>,
  act: (
    folder: Folder,
    next: Next,
    source: FileSource,
    batches: AsyncIterator<FileBatch, void>,
  ) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) await folder.write(name, content);
    await following([folder.path], {}, async (next, source, batches) => {
      await batches.next();
      await act(folder, next, source, batches);
    });
  });
}

async function following(
  paths: string[],
  options: { readonly events?: boolean; readonly lookEveryMs?: number },
  act: (next: Next, source: FileSource, batches: AsyncIterator<FileBatch, void>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  // No test waits longer: then the sequence of batches ends, which is not what it expects.
  const limit = setTimeout(() => stop.abort(), 10_000);
  const source = watchFiles({
    paths,
    namespace: "web",
    signal: stop.signal,
    lookEveryMs: 100,
    ...options,
  });
  const batches = source[Symbol.asyncIterator]() as AsyncIterator<FileBatch, void>;
  try {
    await act(
      async (expected) => {
        const { value } = await batches.next();
        assert.deepEqual(
          value && {
            applied: value.applied.map(({ metadata }) => metadata.name),
            deleted: value.deleted.map(({ name }) => name),
            diagnostics: value.diagnostics.map(({ position: at }) =>
              `${at?.file.split("/").at(-1)}:${at?.line}:${at?.column}`
            ),
            mended: value.mended.map((file) => file.split("/").at(-1)),
          },
          { applied: [], deleted: [], diagnostics: [], mended: [], ...expected },
        );
      },
      source,
      batches,
    );
  } finally {
    clearTimeout(limit);
    stop.abort();
  }
}

function service(name: string, port: number | string = 80): string {
  return `apiVersion: v1
kind: Service
metadata:
  labels: {}
  name: ${name}
spec: {ports: [
  {port: ${port}}]}`;
}

function json(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ port: 80 }] },
  });
}

function key(name: string): ObjectKey {
  return { kind: "Service", namespace: "web", name };
}
