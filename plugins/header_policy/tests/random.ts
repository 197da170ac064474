/** Policies made by chance that the schema takes, however odd. */
import type { Random } from "../../../tests/support/world.ts";
import { fingerprints, securityHeaders } from "../program/security_presets.ts";
import { presets } from "../settings/security.ts";
import { Settings } from "../settings/settings.ts";
import { operations } from "../settings/step.ts";
import { type Direction, variables } from "../settings/variables.ts";

/** Settings that are valid. The same random numbers give the same settings. */
export function randomSettings(random: Random): Settings {
  for (;;) {
    const made = Settings.safeParse({
      ...(random.chance(0.2) ? { inherit: false } : {}),
      request: steps(random, "request"),
      response: steps(random, "response"),
      ...(random.chance(0.4) ? { security: security(random) } : {}),
      ...(random.chance(0.3) ? { cors: cors(random) } : {}),
    });
    // Some of what is made at random is refused, as it should be.
    if (made.success) return made.data;
  }
}

function steps(random: Random, direction: Direction): readonly unknown[] {
  const made: unknown[] = [];
  const count = random.below(6);
  while (made.length < count) {
    const one = step(random, direction);
    if (Settings.safeParse({ [direction]: [one] }).success) made.push(one);
  }
  return made;
}

function step(random: Random, direction: Direction): unknown {
  const operation = random.of(operations);
  return {
    ...(random.chance(0.4) ? { when: condition(random, direction) } : {}),
    ...(random.chance(0.2) ? { unless: condition(random, direction) } : {}),
    [operation]: operand(random, operation, direction),
  };
}

function operand(
  random: Random,
  operation: (typeof operations)[number],
  direction: Direction,
): unknown {
  switch (operation) {
    case "set":
    case "add":
    case "addIfAbsent":
    case "replace":
      return { name: name(random), value: value(random, direction) };
    case "copy":
      return {
        from: random.chance(0.2) ? random.of(["Host", ":path", ":method"]) : name(random),
        to: name(random),
        ...(random.chance(0.5) ? { existing: random.of(["replace", "append", "keep"]) } : {}),
      };
    case "rename":
    case "move":
      return { from: name(random), to: name(random) };
    case "rewrite":
      return {
        name: name(random),
        pattern: pattern(random),
        substitution: random.of(["", "\\0", "\\1", "a\\\\b", "%", "é", text(random)]),
      };
    case "remove":
      return {
        [random.of(["name", "prefix", "suffix", "contains", "pattern"])]: random.of([
          name(random),
          "x-internal-",
          "x-(a|b)+",
          "-secret",
        ]),
      };
  }
}

function condition(random: Random, direction: Direction): unknown {
  const header = () => ({
    name: random.chance(0.2) ? random.of(["Host", ":path"]) : name(random),
    ...random.of([
      { present: random.chance(0.5) },
      { equals: text(random).trim() },
      { pattern: pattern(random) },
    ]),
  });
  const maybe = (part: Readonly<Record<string, unknown>>) => random.chance(0.4) ? part : {};
  return {
    ...maybe({ methods: [random.of(["GET", "POST", "odd'method"]), "PUT"] }),
    ...maybe({
      path: random.of([
        { exact: random.of(["/", "/a.b", "/%27(x)'"]) },
        { prefix: random.of(["/", "/a/", "/$"]) },
        { pattern: pattern(random) },
      ]),
    }),
    ...maybe({ scheme: random.of(["http", "https"]) }),
    ...maybe({ requestHeaders: [header(), header()] }),
    ...(direction === "request" ? {} : {
      ...maybe({ status: ["5xx", "404"] }),
      ...maybe({ contentTypes: ["image/*", "text/html", "application/x+y.z"] }),
      ...maybe({ responseHeaders: [header()] }),
    }),
  };
}

function security(random: Random): unknown {
  return {
    ...(random.chance(0.7) ? { preset: random.of(presets) } : {}),
    ...(random.chance(0.3) ? { existing: random.of(["replace", "keep"]) } : {}),
    ...(random.chance(0.3) ? { [random.of(Object.keys(securityHeaders))]: "off" } : {}),
    ...(random.chance(0.3)
      ? { contentSecurityPolicyDirectives: { "script-src": "'self' 'nonce-%é'", "img-src": "off" } }
      : {}),
    ...(random.chance(0.3) ? { fingerprints: random.of(["remove", "keep"]) } : {}),
  };
}

function cors(random: Random): unknown {
  return {
    ...(random.chance(0.6) ? { preset: random.of(["public", "readOnly", "trusted"]) } : {}),
    ...(random.chance(0.6) ? { allowOrigins: ["https://*.a-b.test", "http://c.test:80"] } : {}),
    ...(random.chance(0.3) ? { allowCredentials: random.chance(0.5) } : {}),
    ...(random.chance(0.3) ? { maxAgeSeconds: random.below(1_000) } : {}),
  };
}

function name(random: Random): string {
  return random.of([
    "x-a",
    "X-B",
    "x-internal-user",
    "!#$%&'*+-.^_`|~0",
    "set-cookie",
    "content-type",
    "location",
    "cookie",
    "user-agent",
    random.of(fingerprints),
    "x".repeat(256),
  ]);
}

function value(random: Random, direction: Direction): string {
  const parts = Array.from(
    { length: random.below(4) },
    () => random.chance(0.5) ? text(random) : variable(random, direction),
  );
  return parts.join("").trim();
}

function variable(random: Random, direction: Direction): string {
  const known = Object.entries(variables).filter(([, { only }]) =>
    only !== "response" ||
    direction === "response"
  );
  const [name, { problem, limited }] = random.of(known);
  const argument = [undefined, "x-a", "x-a?x-b", "a:b", "a.b:c:d"]
    .find((argument) => problem(argument) === undefined);
  return `%${name}${argument === undefined ? "" : `(${argument})`}${
    limited && random.chance(0.3) ? ":7" : ""
  }%`;
}

function text(random: Random): string {
  return random.of([
    "a",
    "100%",
    "%%",
    "'",
    '"',
    "\\",
    ")",
    "(",
    ")%",
    "%(",
    "$1",
    "é",
    "😀",
    "a\tb",
    "{}[]",
    "%a%",
    "l".repeat(random.of([600, 5_000])),
  ]);
}

/** Often one that is too large for a condition; what is not has to be taken. */
function pattern(random: Random): string {
  const parts = Array.from({ length: 1 + random.below(8) }, () => {
    const atom = random.of(atoms);
    return (random.chance(0.2) ? `(${atom}|${random.of(atoms)})` : atom) +
      random.of(["", "", "", "*", "+?", "?", "{2}", "{1,7}", "{40}"]);
  });
  return (random.chance(0.2) ? "(?i)" : "") + parts.join(random.chance(0.2) ? "|" : "");
}

const atoms = [
  "a",
  "k",
  "skis",
  ".",
  "é",
  "😀",
  "\\d",
  "\\W",
  "\\S",
  "\\pL",
  "\\p{Greek}",
  "\\P{Lu}",
  "[a-z]",
  "[^/]",
  "[^\\]é]",
  "[é-ü]",
  "[[:alpha:]]",
  "[[:^digit:]]",
  "\\x{1F600}",
  "[\\x00-\\x1f]",
  "\\)%",
  "'",
  '"',
  "\\(",
  "^",
  "$",
  "\\b",
  "(?s:.)",
];
