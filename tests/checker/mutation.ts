/** One thing changed about a message, as its type and its rules suggest. */
import protobuf from "protobufjs";
import rules from "../../proto/gen/rules.json" with { type: "json" };
import { isMessage, type Message, messageType, typeName } from "../../proto/mod.ts";
import type { Random } from "../support/world/random.ts";

/** A message that is another one with one thing changed. */
export interface Mutation {
  readonly message: Message;
  /** Where: `routeConfiguration.virtualHosts[0].routes[0].match.prefix`. */
  readonly path: string;
  /** What stands there now, for people. */
  readonly value: string;
}

/** Changes one thing; `undefined` where chance found none that makes a difference. */
export function mutated(type: string, message: Message, random: Random): Mutation | undefined {
  const places = [...placesIn(messageType(type), message, [])]
    .filter(({ path }) => !settledElsewhere.test(path));
  const place = random.pick(places);
  if (place === undefined) return undefined;
  const value = place.change(random);
  if (shown(value) === shown(place.value)) return undefined;
  return {
    message: replaced(message, place.steps, value) as Message,
    path: place.path,
    value: shown(value),
  };
}

/** Every place of a message that can be changed, by path. For a look at what is covered. */
export function paths(type: string, message: Message): readonly string[] {
  return [...placesIn(messageType(type), message, [])].map(({ path }) => path);
}

/**
 * Names by which resources find one another, and which the order of sending sees to; what the test
 * itself says of a resource; and what is a constant of ours, or out of a list of ours, that only a
 * machine or a program could judge: socket options, Lua, files, words of TLS.
 */
const settledElsewhere = new RegExp(
  [
    "^(name|altStatName|clusterName|bindToPort|key\\..*|address\\b.*|socketOptions\\b.*)$",
    "^routeConfiguration\\.(name|validateClusters.*)$",
    "envoyGrpc\\.clusterName$",
    "\\b(rds|scopedRoutes|sdsConfig)\\b",
    "\\b(cipherSuites|ecdhCurves|alpnProtocols)\\[[0-9]+\\]$",
    "\\b(inlineCode|defaultSourceCode|sourceCodes)\\b",
    "\\baccessLog\\[[0-9]+\\]\\.typedConfig\\.path$",
    "\\brouteConfig\\..*\\bcluster$",
  ].join("|"),
);

type Step = string | number;

interface Place {
  readonly steps: readonly Step[];
  readonly path: string;
  readonly value: unknown;
  readonly change: (random: Random) => unknown;
}

type Rules = { readonly [kind: string]: { readonly [rule: string]: unknown } | undefined };

function* placesIn(
  type: protobuf.Type,
  message: Message,
  steps: readonly Step[],
): Generator<Place> {
  const all: {
    readonly [message: string]: { readonly fields: { readonly [field: string]: Rules } };
  } = rules;
  const own = all[type.fullName.slice(1)]?.fields ?? {};
  for (const field of type.fieldsArray) {
    const { name } = field.resolve();
    const value = message[name];
    if (value === undefined) continue;
    const at = [...steps, name];
    const rules = own[name] ?? {};
    if (field instanceof protobuf.MapField) yield* ofMap(field, value, at);
    else if (field.repeated) yield* ofList(field, rules, value, at);
    else yield* ofValue(field, rules, value, at);
  }
}

/** What is known of a value, be it of a field, a list or a map. */
type Slot = Pick<protobuf.Field, "type" | "resolvedType" | "partOf">;

function* ofValue(
  field: Slot,
  rules: Rules,
  value: unknown,
  steps: readonly Step[],
): Generator<Place> {
  const { resolvedType } = field;
  yield place(steps, value, (random) => newValue(field, rules, value, random));
  if (!(resolvedType instanceof protobuf.Type) || !isMessage(value)) return;
  if (wellKnown.has(resolvedType.fullName)) return;
  if (resolvedType.fullName !== ".google.protobuf.Any") {
    yield* placesIn(resolvedType, value, steps);
  } else if (value["@bytes"] === undefined) {
    yield* placesIn(messageType(typeName(String(value["@type"]))), value, steps);
  }
}

function* ofList(
  field: protobuf.Field,
  rules: Rules,
  list: unknown,
  steps: readonly Step[],
): Generator<Place> {
  if (!Array.isArray(list)) return;
  const own = rules["repeated"] ?? {};
  const most = typeof own["max_items"] === "number" ? own["max_items"] : 20;
  yield place(steps, list, (random) =>
    random.of([
      () => [],
      () => list.slice(1),
      () => [...list, ...list.slice(0, 1)],
      () => [...list].reverse(),
      () => Array.from({ length: most }, (_, i) => list[i % list.length]),
      () => Array.from({ length: most + 1 }, (_, i) => list[i % list.length]),
    ])());
  const items = (own["items"] ?? {}) as Rules;
  for (const [i, value] of list.slice(0, 4).entries()) {
    yield* ofValue(field, items, value, [...steps, i]);
  }
}

function* ofMap(
  field: protobuf.MapField,
  map: unknown,
  steps: readonly Step[],
): Generator<Place> {
  if (!isMessage(map)) return;
  yield place(steps, map, (random) =>
    random.of([
      () => ({}),
      () => Object.fromEntries(Object.entries(map).map(([, value]) => ["", value])),
      () => Object.fromEntries(Object.entries(map).map(([key, value]) => [`${key}\n`, value])),
    ])());
  for (const [key, value] of Object.entries(map)) {
    yield* ofValue(field, {}, value, [...steps, key]);
  }
}

/** Types that are one value, whatever their fields. */
const wellKnown = new Set([".google.protobuf.Duration", ".google.protobuf.Struct"]);

function newValue(
  { type, resolvedType, partOf }: Slot,
  rules: Rules,
  value: unknown,
  random: Random,
): unknown {
  if (resolvedType instanceof protobuf.Enum) {
    const numbers = Object.values(resolvedType.values);
    return random.of([...numbers, Math.max(...numbers) + 1, -1, 0x7fff_ffff]);
  }
  if (resolvedType === null) return newScalar(type, rules[type] ?? {}, value, random);
  const absent = partOf === null || random.chance(0.5) ? undefined : {};
  switch (resolvedType.fullName) {
    case ".google.protobuf.Duration":
      return random.chance(0.1) ? undefined : newDuration(rules["duration"] ?? {}, random);
    case ".google.protobuf.Any":
      return undefined;
  }
  if (/^\.google\.protobuf\.\w+Value$/.test(resolvedType.fullName)) {
    const inner = resolvedType.fields["value"];
    if (inner === undefined || random.chance(0.1)) return undefined;
    const held = isMessage(value) ? value["value"] : undefined;
    return { value: newScalar(inner.type, rules[inner.type] ?? {}, held, random) };
  }
  return random.chance(0.5) ? absent : {};
}

/** Texts that are odd somewhere. */
const texts = [
  "",
  " ",
  "a b",
  "a\n",
  "\r",
  "a\0b",
  "\t",
  "\x7f",
  "é🦕",
  "%",
  "%%",
  "%REQ(",
  "%REQ(:path)%",
  "%NOVEL%",
  "/",
  "//",
  "/a/",
  "/a?b",
  "/a#b",
  "a",
  "*",
  "*.a.test",
  "[",
  "(",
  "(?i)a",
  "\\C",
  "\\p{LC}",
  "a{1001}",
  "x{2,1}",
  ":path",
  "host",
  "Host",
  "X-Upper",
  "x_under",
  "10.0.0.1",
  "::1",
  "1.2.3.4/33",
  "http://a.test/b",
  "ftp://a",
  "-1",
  "99999999999",
  "null",
  "{}",
  "../..",
  "a.b.c",
  "ENVOY",
];
const lengths = [254, 255, 256, 1_024, 1_025, 16_384, 16_385, 60_000];

function newScalar(
  type: string,
  rules: { readonly [rule: string]: unknown },
  value: unknown,
  random: Random,
): unknown {
  switch (type) {
    case "string": {
      const sized = (n: number) => random.of(["a", "é"]).repeat(n).slice(0, n);
      const bounds = numbersIn(rules).flatMap((n) => [n - 1, n, n + 1]).filter((n) => n >= 0);
      const old = typeof value === "string" ? value : "";
      return random.of([
        () => random.of(texts),
        () => random.of(texts),
        () => sized(random.of([...lengths, ...bounds])),
        () => old + random.of(texts),
        () => random.of(texts) + old,
        () => old.slice(0, random.below(old.length + 1)),
        () => old.toUpperCase(),
      ])();
    }
    case "bytes":
      return random.of([
        () => new Uint8Array(),
        () => new Uint8Array([0, 255, 10]),
        () => value instanceof Uint8Array ? value.slice(0, random.below(value.length + 1)) : value,
        () => value instanceof Uint8Array ? new Uint8Array([...value, 120]) : value,
      ])();
    case "bool":
      return value !== true;
    default:
      return newNumber(type, rules, random);
  }
}

function newNumber(
  type: string,
  rules: { readonly [rule: string]: unknown },
  random: Random,
): number | string {
  const near = numbersIn(rules).flatMap((n) => [n - 1, n, n + 1]);
  const isFloat = type === "double" || type === "float";
  const fits = (n: number) =>
    isFloat || (Number.isInteger(n) && n >= (type.startsWith("u") ? 0 : -(2 ** 31)) &&
      n <= (/32$/.test(type) ? (type.startsWith("u") ? 2 ** 32 - 1 : 2 ** 31 - 1) : 2 ** 53 - 1));
  const odd = [
    0,
    1,
    2,
    3,
    99,
    100,
    101,
    255,
    599,
    600,
    65_535,
    65_536,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    -1,
    -5,
    ...(isFloat ? [0.5, -0.5, 1e300, NaN, Infinity] : [2 ** 53 - 1]),
  ];
  return random.of([...odd, ...near, ...near].filter(fits));
}

function newDuration(rules: { readonly [rule: string]: unknown }, random: Random): Message {
  const near = Object.values(rules).filter(isMessage).flatMap((bound) => {
    const nanos = Number(bound["seconds"] ?? 0) * 1e9 + Number(bound["nanos"] ?? 0);
    return [nanos - 1, nanos, nanos + 1].map((n) => ({
      seconds: Math.trunc(n / 1e9),
      nanos: n % 1e9,
    }));
  });
  return random.of([
    {},
    { nanos: 1 },
    { nanos: 999_999 },
    { nanos: 1_000_000 },
    { nanos: 999_999_999 },
    { nanos: 1_000_000_000 },
    { seconds: 1 },
    { seconds: -1 },
    { nanos: -1 },
    { seconds: 3_600 },
    { seconds: 4_294_967 },
    { seconds: 4_294_968 },
    { seconds: 9_223_372_035 },
    { seconds: 9_223_372_036 },
    { seconds: 9_223_372_037 },
    { seconds: 315_576_000_000 },
    { seconds: 315_576_000_001 },
    ...near,
    ...near,
  ]);
}

function numbersIn(rules: { readonly [rule: string]: unknown }): readonly number[] {
  return Object.values(rules).filter((value) => typeof value === "number");
}

function place(
  steps: readonly Step[],
  value: unknown,
  change: (random: Random) => unknown,
): Place {
  const path = steps.map((step, i) =>
    typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`
  ).join("");
  return { steps, path, value, change };
}

function replaced(whole: unknown, steps: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(whole)) {
    const list = whole.map((item, i) => i === step ? replaced(item, rest, value) : item);
    return list.filter((item) => item !== undefined);
  }
  if (!isMessage(whole)) return whole;
  return { ...whole, [step]: replaced(whole[step], rest, value) };
}

function shown(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, part) => part instanceof Uint8Array ? `${part.length} bytes ${part.slice(-3)}` : part,
  ) ?? "nothing";
  return text.length <= 120 ? text : `${text.slice(0, 117)}… (${text.length})`;
}
