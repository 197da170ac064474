import type { Cors } from "../settings/cors.ts";
import type { Settings } from "../settings/settings.ts";
import type { Direction } from "../settings/variables.ts";
import { compile } from "./compile.ts";
import { type Conflict, conflicts, type PlacedStep } from "./conflicts.ts";
import { corsOf, type CorsSettings } from "./cors.ts";
import type { Program } from "./program.ts";
import { securityHeadersOf, securityMutations } from "./security.ts";

/** A policy where it reaches something. */
export interface Layer {
  readonly settings: Settings;
  /** Tells it from others, in what is told of it. */
  readonly id: string;
  readonly namespace: string;
}

/** What several policies come to. */
export interface Merged {
  readonly request: Program;
  readonly response: Program;
  readonly cors?: CorsSettings;
  /** What they cannot do together. */
  readonly conflicts: readonly Conflict[];
}

/**
 * The policies that reach a host or route as one, the nearest first. The widest begins: what is nearer
 * works on what it left behind, and so has the last word. One that inherits nothing hides all that are
 * wider.
 */
export function merge(policies: readonly Layer[]): Merged {
  const layers = inForce(policies).toReversed();
  const request = stepsOf(layers, "request");
  const response = stepsOf(layers, "response");
  const { cors, conflict } = mergedCors(layers);
  const security = layers.flatMap(({ settings }) => settings.security ?? []);
  return {
    request: compile("request", [], request),
    response: compile("response", securityMutations(securityHeadersOf(security)), response),
    ...(cors === undefined ? {} : { cors }),
    conflicts: [
      ...conflicts(request),
      ...conflicts(response),
      ...(conflict === undefined ? [] : [conflict]),
    ],
  };
}

function inForce(policies: readonly Layer[]): readonly Layer[] {
  const last = policies.findIndex(({ settings }) => settings.inherit === false);
  return last < 0 ? policies : policies.slice(0, last + 1);
}

function stepsOf(layers: readonly Layer[], direction: Direction): readonly PlacedStep[] {
  return layers.flatMap(({ settings, id, namespace }) =>
    (settings[direction] ?? []).map((step, index) => ({
      step,
      namespace,
      policy: id,
      path: `${direction}[${index}]`,
    }))
  );
}

function mergedCors(layers: readonly Layer[]): {
  readonly cors?: CorsSettings;
  readonly conflict?: Conflict;
} {
  const said: readonly (readonly [string, Cors])[] = layers.flatMap(({ id, settings }) =>
    settings.cors === undefined ? [] : [[id, settings.cors] as const]
  );
  const cors = corsOf(said.map(([, one]) => one));
  const nearest = said.at(-1);
  if (typeof cors === "object") return { cors };
  if (cors === undefined || nearest === undefined) return {};
  const [policy] = nearest;
  return { conflict: { severity: "error", policy, path: "cors", message: `cors ${cors}` } };
}
