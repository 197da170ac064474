import type { NameMatch } from "./name_match.ts";

/** What becomes of the headers of messages of one direction. */
export interface Program {
  /** In the order in which they are made. */
  readonly mutations: readonly Mutation[];
  /** What is read of the headers as they came, before the first mutation. */
  readonly readings: readonly Reading[];
  /** Whether mutations write into {@link dropHeader}, so that the headers named there have to go. */
  readonly drops: boolean;
  /** Whether the path of the request is asked for when its response comes. */
  readonly asksForPath: boolean;
}

/** A change that Envoy makes in any case, with a format that may come out empty. */
export type Mutation =
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "remove-matching"; readonly match: NameMatch }
  | {
    readonly kind: "put";
    readonly name: string;
    /** In Envoy's format language. What comes out empty changes nothing, unless `keepsEmpty`. */
    readonly format: string;
    readonly onto: Onto;
    readonly keepsEmpty?: boolean;
    /** In {@link dropHeader}: the one header that it is about. */
    readonly dropped?: string;
  };

/** What becomes of the values that are there: as Envoy has it. */
export type Onto =
  | "APPEND_IF_EXISTS_OR_ADD"
  | "ADD_IF_ABSENT"
  | "OVERWRITE_IF_EXISTS"
  | "OVERWRITE_IF_EXISTS_OR_ADD";

/** A header whose value goes into metadata with every match replaced, under a key. */
export interface Reading {
  readonly header: string;
  readonly key: string;
  readonly pattern: string;
  readonly substitution: string;
}

/**
 * Holds what is to be taken away in the end, an entry a value; see `dropping.ts`. Neither clients nor
 * Services can bring it along.
 */
export const dropHeader = "x-contour-header-policy-drop";

/** Holds a value for the moment between two mutations. */
export const valueHeader = "x-contour-header-policy-value";
