/** The length of a unit in milliseconds, as the reference counts: months and years are of a fixed length. */
export const unitMs: Readonly<Record<Unit, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_592_000_000,
  year: 31_536_000_000,
};

/** What `rate_limit.unit` may be, in any case. */
export const units = ["second", "minute", "hour", "day", "week", "month", "year"] as const;
export type Unit = (typeof units)[number];

/**
 * The unit of a text, or undefined. Whatever is no unit is one that is unknown, the word `unknown`
 * included.
 */
export function unitOf(text: string): Unit | undefined {
  const lower = text.toLowerCase();
  return units.find((unit) => unit === lower);
}

/**
 * How units are numbered in answers, see
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/ratelimit/v3/rls.proto.
 */
export const unitNumbers: Readonly<Record<Unit, number>> = {
  second: 1,
  minute: 2,
  hour: 3,
  day: 4,
  month: 5,
  year: 6,
  week: 7,
};

/** The unit of a number on the wire; undefined for 0 and for numbers of later versions. */
export function unitOfNumber(number: number): Unit | undefined {
  return units.find((unit) => unitNumbers[unit] === number);
}
