/**
 * Makes `gen/envoy.json` (the messages of `messages.ts` and what they refer to, as protobufjs
 * loads them) and `gen/rules.json` (the `validate.rules` of their fields) from the .proto files of
 * the npm package `@grpc/grpc-js-xds` and from ours beside this file, if any.
 *
 * Run it with `deno run -A proto/generate.ts`. It does nothing when the outputs are up to date,
 * and several runs at once do not disturb each other.
 * @module
 */
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { declaredRules } from "./declared_rules.ts";
import { messages } from "./messages.ts";

const here = dirname(fileURLToPath(import.meta.url));
const gen = join(here, "gen");
const stampFile = join(gen, "inputs.txt");

/** Writes the outputs unless they were made from the same inputs. Answers whether it did. */
export function generate(): boolean {
  const folders = protoFolders();
  const stamp = inputStamp(folders);
  const outputs = ["envoy.json", "rules.json"].map((name) => join(gen, name));
  if (outputs.every(existsSync) && existsSync(stampFile)) {
    if (readFileSync(stampFile, "utf8") === stamp) return false;
  }
  const root = parse(folders, Object.values(messages).flat());
  const kept = reachable(root, Object.values(messages).flat());
  mkdirSync(gen, { recursive: true });
  replaceFile(join(gen, "envoy.json"), JSON.stringify(descriptorOf(kept)));
  replaceFile(join(gen, "rules.json"), JSON.stringify(declaredRules(kept.types), null, 1));
  replaceFile(stampFile, stamp); // last: an interrupted run leaves an old stamp and is repeated
  return true;
}

/** Folders to look up imports in, ours first. */
export function protoFolders(): string[] {
  const require = createRequire(import.meta.url);
  // Both packages allow their package.json to be resolved, so this holds for any node_modules.
  const xds = join(dirname(require.resolve("@grpc/grpc-js-xds/package.json")), "deps");
  const google = dirname(require.resolve("protobufjs/package.json"));
  const parts = ["envoy-api", "xds", "googleapis", "protoc-gen-validate"];
  return [here, ...parts.map((part) => join(xds, part)), google];
}

/** A text that differs whenever the outputs might. */
function inputStamp(folders: readonly string[]): string {
  const hash = createHash("sha256");
  const own = readdirSync(here, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".proto")).sort();
  for (const name of ["generate.ts", "declared_rules.ts", "messages.ts", ...own]) {
    hash.update(name).update(readFileSync(join(here, name)));
  }
  for (const folder of folders.slice(1)) {
    const manifest = [join(folder, "../../package.json"), join(folder, "package.json")]
      .find(existsSync);
    if (manifest) hash.update(readFileSync(manifest));
  }
  return hash.digest("hex") + "\n";
}

/** Replaces a file in one step, so that a reader sees the old text or the new, never half. */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** Parses the files that declare `names`, and what they import. */
function parse(folders: readonly string[], names: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  const bundled = new Set(["any", "duration", "empty", "struct", "timestamp", "wrappers"]
    .map((name) => `google/protobuf/${name}.proto`));
  root.resolvePath = (_origin, target) => {
    if (bundled.has(target)) return target; // protobufjs knows these by name
    const folder = folders.find((folder) => existsSync(join(folder, target)));
    if (!folder) throw new Error(`Cannot find "${target}": in none of ${folders.join(", ")}`);
    return join(folder, target);
  };
  const files = names.filter((name) => !name.startsWith("google.protobuf."))
    .map((name) => declaringFile(folders, name));
  root.loadSync([...new Set(files)]);
  root.resolveAll();
  return root;
}

/** The file, relative to one of `folders`, that declares the message. */
function declaringFile(folders: readonly string[], fullName: string): string {
  const path = fullName.split(".");
  const declaration = new RegExp(`^message ${path.pop()} \\{`, "m");
  const folder = path.join("/");
  for (const base of folders.map((each) => join(each, folder)).filter(existsSync)) {
    const file = readdirSync(base).sort().find((name) =>
      name.endsWith(".proto") && declaration.test(readFileSync(join(base, name), "utf8"))
    );
    if (file) return `${folder}/${file}`;
  }
  throw new Error(`Cannot find "${fullName}": no file of its package declares it`);
}

interface Kept {
  readonly types: readonly protobuf.Type[];
  readonly enums: readonly protobuf.Enum[];
}

/** The named messages and all that their fields refer to. */
function reachable(root: protobuf.Root, names: readonly string[]): Kept {
  const types = new Set<protobuf.Type>();
  const enums = new Set<protobuf.Enum>();
  const queue = names.map((name) => root.lookupType(name));
  for (let type = queue.pop(); type; type = queue.pop()) {
    if (types.has(type)) continue;
    types.add(type);
    for (const field of type.fieldsArray) {
      const { resolvedType } = field.resolve();
      if (resolvedType instanceof protobuf.Enum) enums.add(resolvedType);
      else if (resolvedType) queue.push(resolvedType);
    }
  }
  const byName = (a: { fullName: string }, b: { fullName: string }) =>
    a.fullName < b.fullName ? -1 : 1;
  return { types: [...types].sort(byName), enums: [...enums].sort(byName) };
}

/** Options that change how a field is written; the rest would only make the file larger. */
const wireOptions = ["packed", "proto3_optional", "deprecated"];

/** The kept messages as a protobufjs namespace. */
function descriptorOf({ types, enums }: Kept): protobuf.INamespace {
  const tree = new Tree();
  for (const type of types) {
    const fields: Record<string, unknown> = {};
    for (const field of type.fieldsArray) {
      const json: Record<string, unknown> = { ...field.toJSON() };
      delete json["options"];
      const options = Object.entries(field.options ?? {})
        .filter(([name]) => wireOptions.includes(name));
      if (options.length > 0) json["options"] = Object.fromEntries(options);
      if (field.resolvedType) json["type"] = field.resolvedType.fullName;
      fields[field.name] = json;
    }
    const oneofs = Object.fromEntries(
      type.oneofsArray.map(({ name, oneof }) => [name, { oneof }]),
    );
    tree.put(type.fullName, { ...(type.oneofsArray.length > 0 ? { oneofs } : {}), fields });
  }
  for (const { fullName, values } of enums) tree.put(fullName, { values });
  return tree.root;
}

/** Nested namespaces, filled by full name. */
class Tree {
  readonly root: { nested: Record<string, Record<string, unknown>> } = { nested: {} };

  put(fullName: string, content: Record<string, unknown>): void {
    let { nested } = this.root;
    let node: Record<string, unknown> = {};
    for (const part of fullName.replace(/^\./, "").split(".")) {
      node = nested[part] ??= {};
      nested = childrenOf(node);
    }
    Object.assign(node, content);
  }
}

function childrenOf(node: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const children = (node["nested"] ?? {}) as Record<string, Record<string, unknown>>;
  node["nested"] = children;
  return children;
}

if (import.meta.main) {
  console.log(generate() ? "proto/gen: made" : "proto/gen: up to date");
}
