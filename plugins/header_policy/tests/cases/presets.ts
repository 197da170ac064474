import { presets as names } from "../../settings/security.ts";
import type { Case } from "../case.ts";

/** A host for each preset, to be held against the checklists. */
export const presets: readonly Case[] = names.map((preset) => ({
  name: `preset ${preset}`,
  policy: `security: { preset: ${preset} }`,
  asks: [{ gets: { "x-content-type-options": "nosniff" } }],
}));
