import type { PathMatch, Request } from "../../controller/graph/mod.ts";
import { comparedPath } from "../../controller/graph/mod.ts";

/** What becomes of the path of a request, as a function of it. */
export type PathChange =
  | { readonly kind: "kept" }
  /** As many characters as `matched` has are taken from its beginning, and `put` comes in their place. */
  | { readonly kind: "prefix"; readonly matched: string; readonly put: string }
  /** Another path altogether. With a query string of its own it does not keep that of the request. */
  | { readonly kind: "whole"; readonly put: string };

/** What replacing the part that matched makes of the path. */
export function prefixChange(path: PathMatch, put: string | undefined): PathChange {
  if (put === undefined) return { kind: "kept" };
  switch (path.kind) {
    case "prefix":
    case "segment-prefix":
      return path.prefix === put ? { kind: "kept" } : { kind: "prefix", matched: path.prefix, put };
    case "exact":
      return path.path === put ? { kind: "kept" } : { kind: "whole", put };
    case "regex":
      return { kind: "whole", put };
  }
}

/**
 * Whether two changes come to the same for all paths of which so much is known. They are about paths
 * that both of them match, so the longer of the prefixes is part of what is known.
 */
export function samePathChange(a: PathChange, b: PathChange, known: KnownPath): boolean {
  return form(a, known) === form(b, known);
}

/** What a path begins with, or is. */
export interface KnownPath {
  readonly text: string;
  readonly isWhole: boolean;
}

/** What is known of a path that meets both conditions; absent: no condition. */
export function knownPath(a: PathMatch | undefined, b: PathMatch | undefined): KnownPath {
  return [a, b].map(known).reduce((best, other) =>
    other.isWhole || (!best.isWhole && other.text.length > best.text.length) ? other : best
  );
}

function known(path: PathMatch | undefined): KnownPath {
  switch (path?.kind) {
    case "exact":
      return { text: path.path, isWhole: true };
    case "prefix":
    case "segment-prefix":
      return { text: path.prefix, isWhole: false };
    case "regex":
    case undefined:
      return { text: "", isWhole: false };
  }
}

function form(change: PathChange, { text, isWhole }: KnownPath): string {
  const mark = isWhole ? "=" : "+";
  switch (change.kind) {
    case "kept":
      return `${mark}${text}`;
    case "prefix":
      return `${mark}${change.put}${text.slice(change.matched.length)}`;
    case "whole":
      return `=${change.put}`;
  }
}

/** The path that comes of a request's, with its query string. */
export function changedPath(change: PathChange, request: Pick<Request, "path">): string {
  const path = comparedPath(request);
  const mark = request.path.indexOf("?");
  const query = mark < 0 ? "" : request.path.slice(mark);
  switch (change.kind) {
    case "kept":
      return path + query;
    case "prefix":
      return change.put + path.slice(change.matched.length) + query;
    case "whole":
      return change.put.includes("?") ? change.put : change.put + query;
  }
}

/** In words. */
export function pathChangeText(change: PathChange): string {
  switch (change.kind) {
    case "kept":
      return "as it is";
    case "prefix":
      return `${change.put} in place of ${change.matched}`;
    case "whole":
      return change.put;
  }
}
