import { hostConditionCodes } from "./codes/host_conditions.ts";
import { ourCodes } from "./codes/ours.ts";
import { pluginCodes } from "./codes/plugins.ts";
import { readingCodes } from "./codes/reading.ts";
import { routeConditionCodes } from "./codes/route_conditions.ts";
import type { CodeRow } from "./codes/row.ts";
import type { Condition } from "./diagnostic.ts";

/**
 * Every code of a diagnostic: CTR001 on for reading, CTR101 on for the conditions that Contour
 * knows too, CTR301 on for our own. A code that falls out of use is never given another meaning.
 */
export const codes = {
  ...readingCodes,
  ...hostConditionCodes,
  ...routeConditionCodes,
  ...ourCodes,
  ...pluginCodes,
} as const;

/** The name of a row of {@link codes}: `CTR187`. */
export type Code = keyof typeof codes;

type Row = (typeof codes)[Code];
type ConditionRow = Extract<Row, { readonly condition: unknown }>;

/** Type and reason of a status condition we may write: `RouteError/TimeoutPolicyNotValid`. */
export type ConditionName = ConditionRow["name"];

/** The type of a condition: `RouteError`. */
export type ConditionType = ConditionRow["condition"]["type"];

/** The reasons that belong to a type of condition. */
export type ReasonOf<Type extends ConditionType> = Extract<
  ConditionRow,
  { readonly condition: { readonly type: Type } }
>["condition"]["reason"];

/** The name of a code that is no condition: `UnknownField`, `NotYetSupported`. */
export type PlainName = Exclude<Row, ConditionRow>["name"];

/** The code of a condition, by its type and reason. */
export function codeFor<Type extends ConditionType>(type: Type, reason: ReasonOf<Type>): Code {
  return lookUp(`${type}/${reason}`);
}

/** The code of a condition by its name in one piece, or of anything else by its word. */
export function codeNamed(name: ConditionName | PlainName): Code {
  return lookUp(name);
}

/** The condition behind its name: `{ type: "RouteError", reason: "TimeoutPolicyNotValid" }`. */
export function conditionNamed(name: ConditionName): Condition {
  const row: CodeRow = codes[lookUp(name)];
  if (row.condition === undefined) throw new Error(`No condition is named "${name}"`);
  return row.condition;
}

/** Whether the text is a code. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}

const byName = new Map<string, Code>(
  Object.entries(codes).map(([code, row]) => [row.name, code as Code]),
);

function lookUp(name: string): Code {
  const code = byName.get(name);
  if (code === undefined) throw new Error(`No code is named "${name}"`);
  return code;
}
