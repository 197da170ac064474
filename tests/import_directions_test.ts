import assert from "node:assert/strict";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Which folder may import which: the direction of imports is the shape of the program. Tests may
 * import everything; a folder may always import itself. ARCHITECTURE.md explains the layers.
 */
const pure = ["controller/api", "controller/query", "controller/store", "controller/graph"];
const allowed: Readonly<Record<string, readonly string[]>> = {
  "proto": [],
  "controller/api": [],
  "controller/query": [],
  "controller/store": ["controller/api", "controller/query"],
  "controller/graph": ["controller/api", "controller/query", "controller/store"],
  "controller/plugin": [...pure, "proto"],
  "controller/envoy": [...pure, "controller/plugin", "proto"],
  "controller/status": [...pure, "controller/envoy", "controller/plugin"],
  "controller/translation": [
    ...pure,
    "controller/envoy",
    "controller/plugin",
    "controller/status",
    "proto",
  ],
  "controller/xds": ["controller/certs", "proto"],
  "controller/files": ["controller/api"],
  "controller/kube": ["controller/api", "controller/status"],
  "controller/configuration": ["controller/api", "controller/envoy", "controller/store"],
  "controller/certs": [],
  "controller/admin": ["controller/api", "controller/certs", "controller/status"],
  "controller/data_plane": ["proto"],
  "controller/plugin_host": ["controller/api", "controller/plugin"],
  "controller/conformance": [
    "controller/api",
    "controller/envoy",
    "controller/plugin",
    "controller/store",
    "controller/translation",
  ],
  "controller": ["controller/*", "proto"],
  "lint": [
    ...pure,
    "controller/envoy",
    "controller/files",
    "controller/plugin",
    "controller/status",
    "controller/translation",
    "explain",
  ],
  "convert": ["controller/api", "controller/graph", "controller/plugin"],
  "explain": [...pure, "controller/envoy", "controller/files", "controller/plugin"],
  "diff": [
    ...pure,
    "controller/envoy",
    "controller/files",
    "controller/plugin",
    "controller/translation",
    "explain",
    "lint",
    "proto",
  ],
  "request_tests": [
    "controller/api",
    "controller/files",
    "controller/store",
    "explain",
    "lint",
  ],
  "manifests": [
    "controller",
    "controller/api",
    "controller/configuration",
    "controller/data_plane",
  ],
  "docs": ["controller/api", "convert", "lint"],
  "plugins": ["command_line", "controller/plugin", "plugins/*"],
  // Whoever imports one of them could not go on without it; so it is with one that imports another.
  "plugins/*": [
    "command_line",
    "controller/admin",
    "controller/api",
    "controller/certs",
    "controller/files",
    "controller/plugin",
    "plugins",
  ],
  "command_line": [],
  "cli": ["*"],
  ".": ["controller/*", "convert", "diff", "explain", "lint", "request_tests"],
};

/** The part of node:net that has no effects. */
const addressTests = /^import \{( isIP(v4|v6)?,?)+ \} from "node:net";$/;

/** Folders whose files answer only to what they are given: no clock, network, file or log. */
const withoutEffects = [
  ...pure,
  "controller/plugin",
  "controller/envoy",
  "controller/status",
  "controller/translation",
  "lint",
  "convert",
  "explain",
  "diff",
  "request_tests",
];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

Deno.test("imports point one way, and through doors", async () => {
  const wrong: string[] = [];
  for await (const file of sources(root)) {
    const from = folderOf(file);
    for (const { target, isDynamic } of importsOf(await Deno.readTextFile(join(root, file)))) {
      if (!target.startsWith(".")) continue;
      const path = relative(root, join(root, dirname(file), target));
      // `deno check` does not look for what is read only when it is needed.
      if (isDynamic && !await isFile(join(root, path))) wrong.push(`${file} has no ${path}`);
      const to = folderOf(path);
      if (to === from) continue;
      const door = /(^|\/)mod\.ts$/.test(path) || to === "controller" || path.endsWith(".json") ||
        /^plugins\/\w+\/entry\.ts$/.test(path);
      if (!permits(from, to)) wrong.push(`${file} may not import ${path}`);
      else if (!door) wrong.push(`${file} goes past the door: ${path}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("the core has no effects", async () => {
  const effects =
    /\b(Deno\.|Date\.now|new Date\(\)|Math\.random|fetch\(|setTimeout|setInterval|console\.|node:(fs|net|http|child_process|timers))/;
  const wrong: string[] = [];
  for await (const file of sources(root)) {
    if (!withoutEffects.includes(folderOf(file))) continue;
    const lines = (await Deno.readTextFile(join(root, file))).split("\n");
    for (const [i, line] of lines.entries()) {
      if (/^\s*(\*|\/\/|\/\*)/.test(line) || addressTests.test(line)) continue;
      if (effects.test(line)) wrong.push(`${file}:${i + 1}: ${line.trim()}`);
    }
  }
  assert.deepEqual(wrong, []);
});

/** The TypeScript files that are no tests, from the root of the tree. */
async function* sources(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) {
      if (!["node_modules", "dist", "gen", "tests", ".git"].includes(name)) yield* sources(path);
    } else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield relative(root, path);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function folderOf(file: string): string {
  const [top = ".", second] = file.split(sep);
  if (!file.includes(sep)) return ".";
  if (top !== "controller" && top !== "plugins") return top;
  return second === undefined || second.endsWith(".ts") ? top : `${top}/${second}`;
}

function permits(from: string, to: string): boolean {
  const row = allowed[from] ?? (from.startsWith("plugins/") ? allowed["plugins/*"] : undefined);
  return (row ?? []).some((pattern) =>
    (pattern === "*" && !to.startsWith("plugins/")) || pattern === to ||
    (pattern.endsWith("/*") && (to === pattern.slice(0, -2) || to.startsWith(pattern.slice(0, -1))))
  );
}

interface Import {
  readonly target: string;
  readonly isDynamic: boolean;
}

function importsOf(text: string): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']/g;
  return Array.from(text.matchAll(pattern), ([, fixed, dynamic]) => ({
    target: fixed ?? dynamic ?? "",
    isDynamic: fixed === undefined,
  }));
}
