/** What one can get wrong in a file so that an object of it cannot be read. */

/** A mistake: what it does to the twelve lines of `answering()`, and what has to be said of it. */
export interface Mistake {
  /** Also the name of the object and, with an extension, of the file. */
  readonly name: string;
  readonly make: (good: string) => string | Uint8Array;
  /** Line and column, from 1. */
  readonly at: string;
  readonly code: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

/** Every one keeps the last good form of the object. */
export const mistakes: readonly Mistake[] = [
  {
    name: "syntax",
    make: replace("{response: 5s}", "{response: 5s"),
    at: "10:7",
    code: "CTR001",
    message: /^cannot parse: /,
  },
  {
    name: "tab",
    make: replace("  routes", "\troutes"),
    at: "8:1",
    code: "CTR001",
    message: /tab characters/,
  },
  {
    name: "duplicate-key",
    make: replace("        body:", "        statusCode: 201\n        body:"),
    at: "12:9",
    code: "CTR002",
    message: /statusCode/,
  },
  {
    name: "unknown-field",
    make: replace("directResponsePolicy:", "directResponsPolicy:"),
    at: "10:7",
    code: "CTR003",
    message: /unknown field "directResponsPolicy", did you mean "directResponsePolicy"\?/,
  },
  {
    name: "proto-key",
    make: replace("fqdn:", "__proto__: {tls: {}}\n    fqdn:"),
    at: "7:5",
    code: "CTR003",
    message: /unknown field "__proto__"/,
    hint: /fqdn/,
  },
  {
    name: "wrong-type",
    make: replace("statusCode: 200", "statusCode: fine"),
    at: "11:21",
    code: "CTR004",
    message: /"statusCode" must be an integer, not the text "fine"/,
  },
  {
    name: "bad-duration",
    make: replace("5s", "5 seconds"),
    at: "9:33",
    code: "CTR005",
    message: /"response" must be a duration such as .*, not "5 seconds"/,
  },
  {
    name: "bad-fqdn",
    make: replace(".localhost", "_localhost!"),
    at: "7:11",
    code: "CTR005",
    message: /"fqdn" must be a host name in lower case/,
  },
  {
    name: "missing-field",
    make: replace("        statusCode: 200\n", ""),
    at: "11:9",
    code: "CTR006",
    message: /statusCode/,
  },
  {
    name: "no-object",
    make: () => "just some text\n",
    at: "1:1",
    code: "CTR007",
    message: /a document has to be an object/,
  },
  {
    name: "old-version",
    make: replace("projectcontour.io/v1", "contour.heptio.com/v1beta1"),
    at: "1:13",
    code: "CTR008",
    message: /v1beta1/,
  },
  {
    name: "alias-bomb",
    make: replace("spec:", `  annotations:\n${bomb()}spec:`),
    at: "11:13",
    code: "CTR012",
    message: /aliases expand to more than/,
  },
  {
    name: "endless-alias",
    make: replace("fqdn:", "tls: &tls {secretName: *tls}\n    fqdn:"),
    at: "7:29",
    code: "CTR012",
    message: /stands inside the node it refers to/,
  },
  {
    name: "deep-nesting",
    make: (good) => `${good}        headers: ${"[".repeat(100_000)}\n`,
    at: "13:113",
    code: "CTR014",
    message: /nested more than 100 levels deep/,
  },
  {
    name: "not-utf-8",
    make: (good) => new Uint8Array([...new TextEncoder().encode(good), 0x20, 0xe4, 0x0a]),
    at: "13:2",
    code: "CTR001",
    message: /is not UTF-8 text/,
  },
  {
    name: "utf-16",
    make: (good) => new Uint8Array(new Uint16Array([...`\ufeff${good}`].map(codeUnit)).buffer),
    at: "1:1",
    code: "CTR001",
    message: /is not UTF-8 text/,
  },
  {
    name: "binary",
    make: () => new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]),
    at: "1:8",
    code: "CTR001",
    message: /null byte/,
  },
];

function replace(from: string, to: string): (good: string) => string {
  return (good) => {
    if (!good.includes(from)) throw new Error(`"${from}" is not in the manifest`);
    return good.replace(from, to);
  };
}

function codeUnit(character: string): number {
  return character.charCodeAt(0);
}

/** Nine lines, each nine times the one before. */
function bomb(): string {
  const names = [..."abcdefghi"];
  return names.map((name, i) => {
    const inner = i === 0 ? "x" : `*${names[i - 1]}`;
    return `    ${name}: &${name} [${Array(9).fill(inner).join(",")}]\n`;
  }).join("");
}
