/**
 * A page of the documentation, as its examples are checked.
 *
 * All ` ```yaml ` blocks of a page are manifests and together make its world, but for those that
 * show a mistake. Such a block is followed by a ` ```text ` block with what `contour status` says of
 * it; its objects then stand in place of those of the world with the same name. ` ```yml ` blocks are
 * configuration files, which hold for the whole page unless they show a mistake in the same way.
 */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isOfMissingPlugin } from "../support/boxed_plugins.ts";

/** The top of the tree. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** All pages: those of `docs`, and those at the top of the tree; not those of plugins taken out. */
export async function pages(): Promise<readonly Page[]> {
  const files = ["README.md", "ARCHITECTURE.md"].map((name) => join(root, name));
  for await (const file of markdown(join(root, "docs"))) files.push(file);
  const found = await Promise.all(
    files.sort().map(async (path) => {
      const text = await Deno.readTextFile(path);
      return { file: relative(root, path), text, examples: examplesOf(blocksOf(text)) };
    }),
  );
  return found.filter(({ text }) => !isOfMissingPlugin(text));
}

/** See {@link pages}. */
export interface Page {
  /** From the top of the tree. */
  readonly file: string;
  readonly text: string;
  readonly examples: readonly Example[];
}

/** A block that is checked, with what the page says of it. */
export interface Example extends Block {
  readonly language: "yaml" | "yml";
  /** The lines that tell of mistakes; absent when there is none. */
  readonly told?: string;
  /** The status of the object, where it is shown. */
  readonly status?: string;
}

/** A fenced block. */
export interface Block {
  /** That of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly body: string;
}

async function* markdown(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* markdown(join(folder, name));
    else if (name.endsWith(".md")) yield join(folder, name);
  }
}

function blocksOf(text: string): readonly Block[] {
  return Array.from(text.matchAll(/^```(\S*)\n(.*?)^```$/gms), (match) => ({
    line: text.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    body: match[2] ?? "",
  }));
}

/** Texts belong to the example before them; those of other commands to none. */
function examplesOf(blocks: readonly Block[]): readonly Example[] {
  return blocks.flatMap((block, index): Example[] => {
    const { language } = block;
    if (language !== "yaml" && language !== "yml") return [];
    const next = blocks.slice(index + 1).findIndex(({ language }) => language !== "text");
    const texts = blocks.slice(index + 1, next < 0 ? undefined : index + 1 + next)
      .map(({ body }) => body);
    const told = texts.find((text) => /(^|: )(error|warning)(\[CTR\d+\]|:) /m.test(text));
    const status = texts.find((text) => text.startsWith("status:\n"));
    return [{
      ...block,
      language,
      ...(told === undefined ? {} : { told }),
      ...(status === undefined ? {} : { status }),
    }];
  });
}
