import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import {
  definePlugin,
  definePolicy,
  type Plugin,
  type PluginKit,
  pluginProblem,
  quoteRegex,
  regexProblem,
} from "../plugin/mod.ts";

/**
 * Reads the module of a plugin and gives back the plugin. Rejects with an `Error` that says why it is
 * none. To be called where the plugin may run: reading a module runs it.
 */
export async function importPlugin(path: string): Promise<Plugin> {
  const module: unknown = await import(await importable(path));
  const exported = typeof module === "object" && module !== null && "default" in module
    ? module.default
    : undefined;
  const kit: PluginKit = { definePlugin, definePolicy, z, regexProblem, quoteRegex };
  const plugin: unknown = typeof exported === "function" ? exported(kit) : exported;
  const problem = pluginProblem(plugin);
  if (problem !== undefined) throw new Error(problem);
  return plugin as Plugin;
}

/**
 * A URL that the module of this path can be imported by. From source that is the file itself. A
 * compiled program reads no TypeScript, so there the file and those it imports are stripped of their
 * types and put into each other. Packages are taken from the `node_modules` above the file.
 */
async function importable(path: string): Promise<string> {
  return Deno.build.standalone ? await inlined(path, []) : pathToFileURL(path).href;
}

async function inlined(path: string, importers: readonly string[]): Promise<string> {
  if (importers.includes(path)) {
    throw new Error(`its files import each other in a circle: ${[...importers, path].join(", ")}`);
  }
  if (extname(path) === ".json") {
    const data: unknown = JSON.parse(await Deno.readTextFile(path));
    return dataUrl(`export default ${JSON.stringify(data)};`);
  }
  const text = await Deno.readTextFile(path);
  const isTyped = [".ts", ".mts"].includes(extname(path));
  const code = isTyped ? await stripped(text) : text;
  let result = "";
  let end = 0;
  for (const match of code.matchAll(specifiers)) {
    const [all, before = "", quote = "", specifier = ""] = match;
    const url = await resolved(specifier, path, [...importers, path]);
    result += code.slice(end, match.index) + before + quote + url + quote;
    end = match.index + all.length;
  }
  return dataUrl(`${result}${code.slice(end)}\n//# sourceURL=${pathToFileURL(path).href}`);
}

/** What stands behind `from`, a bare `import` or `import(`. */
const specifiers = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g;

async function resolved(
  specifier: string,
  from: string,
  importers: readonly string[],
): Promise<string> {
  if (/^(node|data|https?|npm|jsr):/.test(specifier)) return specifier;
  if (specifier.startsWith("file:")) return await inlined(fileURLToPath(specifier), importers);
  if (specifier.startsWith(".") || specifier.startsWith("/")) {
    return await inlined(
      join(specifier.startsWith("/") ? "" : dirname(from), specifier),
      importers,
    );
  }
  return pathToFileURL(createRequire(from).resolve(specifier)).href;
}

async function stripped(text: string): Promise<string> {
  const { transformSync } = await import("amaro");
  return transformSync(text, { mode: "strip-only" }).code;
}

function dataUrl(code: string): string {
  return `data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`;
}
