import assert from "node:assert/strict";
import {
  type Diagnostic,
  keyId,
  type Manifest,
  ManifestCache,
  maximumFileSize,
  type Position,
  readManifest,
} from "./mod.ts";

const file = "routes/a.yaml";

/** Reads a text in which «» are around what the diagnostics point at, in order. */
function check(marked: string, ...expected: string[]): Manifest {
  const { text, ranges } = unmark(marked);
  const manifest = readManifest(text, { file });
  assert.deepEqual(manifest.diagnostics.map(line), expected);
  assert.deepEqual(manifest.diagnostics.map(({ position }) => range(position)), ranges);
  return manifest;
}

function line({ code, path, message, hint }: Diagnostic): string {
  return `${code} ${path}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}

function range(position: Position | undefined): string {
  if (position === undefined) return "nowhere";
  assert.equal(position.file, file);
  const { line, column, endLine, endColumn } = position;
  return `${line}:${column}-${endLine}:${endColumn}`;
}

function unmark(marked: string): { text: string; ranges: string[] } {
  let text = "";
  const ranges: string[] = [];
  const starts: string[] = [];
  for (const character of marked) {
    const lines = text.split("\n");
    const place = `${lines.length}:${(lines.at(-1) ?? "").length + 1}`;
    if (character === "«") starts.push(place);
    else if (character === "»") ranges.push(`${starts.pop()}-${place}`);
    else text += character;
  }
  return { text, ranges };
}

const ids = ({ objects }: Manifest) => objects.map(({ key }) => keyId(key));
const brokenIds = ({ broken }: Manifest) => broken.map(({ key }) => key && keyId(key));

const proxy = (name: string, spec = "{}") =>
  `apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata:\n  name: ${name}\nspec: ${spec}\n`;
const service = (name: string) => `{apiVersion: v1, kind: Service, metadata: {name: ${name}}}`;

Deno.test("documents, Lists and JSON yield objects in order", () => {
  const manifest = check(
    `# the shop
${proxy("a")}---
# nothing here
---
apiVersion: v1
kind: List
items:
- ${service("b")}
- apiVersion: v1
  kind: Namespace
  metadata: {name: c}
--- ${service("d")}
...
---
{"apiVersion": "v1", "kind": "ServiceList", "items": [
	{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "e", "namespace": "n"}}
]}
`,
  );
  assert.deepEqual(ids(manifest), [
    "HTTPProxy/default/a",
    "Service/default/b",
    "Namespace//c",
    "Service/default/d",
    "Service/n/e",
  ]);
  assert.deepEqual(manifest.broken, []);
});

Deno.test("a file that holds nothing is no mistake", () => {
  for (const text of ["", "\n", "# nothing\n", "---\n---\n", "\ufeff", "null\n", "---"]) {
    assert.deepEqual(readManifest(text, { file }), { objects: [], diagnostics: [], broken: [] });
  }
});

Deno.test("an unknown field is pointed at by its name, a bad value by itself", () => {
  const manifest = check(
    `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop, annotations: {"x/y": «010», z: «yes»}}
spec:
  virtualhost:
    fqdn: «Shop.example.com»
  routes:
  - «servces»:
    - name: shop
    timeoutPolicy:
      response: «"5x"»
    services:
    - name: shop
      port: «"80"»
    - «weight: 1
      port: 80»
`,
    'CTR004 metadata.annotations["x/y"]: "x/y" must be text, not the number 8 (quote it: "010")',
    'CTR004 metadata.annotations.z: "z" must be text, not the boolean true (quote it: "yes")',
    'CTR005 spec.virtualhost.fqdn: "fqdn" must be a host name in lower case such as www.example.com or *.example.com, not "Shop.example.com"',
    'CTR003 spec.routes[0].servces: unknown field "servces", did you mean "services"?',
    'CTR005 spec.routes[0].timeoutPolicy.response: "response" must be a duration such as 30s or 1m30s, or infinity, not "5x"',
    'CTR004 spec.routes[0].services[0].port: "port" must be an integer, not the text "80" (take away the quotes)',
    'CTR006 spec.routes[0].services[1].name: required field "name" is missing',
  );
  assert.deepEqual(brokenIds(manifest), ["HTTPProxy/default/shop"]);
});

Deno.test("a number is no duration: it lacks a unit, not quotes", () => {
  check(
    `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop}
spec:
  virtualhost:
    fqdn: shop.example.com
    corsPolicy: {allowOrigin: [a.example.com], allowMethods: [GET], maxAge: «0»}
  routes:
  - timeoutPolicy: {response: «30», idle: «1.5», idleConnection: «-1»}
    retryPolicy: {perTryTimeout: «yes»}
    services: [{name: shop, port: 80}]
`,
    'CTR004 spec.virtualhost.corsPolicy.maxAge: "maxAge" must be text, not the number 0 (quote it: "0")',
    'CTR004 spec.routes[0].timeoutPolicy.response: "response" must be text, not the number 30 (add a unit: 30s)',
    'CTR004 spec.routes[0].timeoutPolicy.idle: "idle" must be text, not the number 1.5 (add a unit: 1.5s)',
    'CTR004 spec.routes[0].timeoutPolicy.idleConnection: "idleConnection" must be text, not the number -1',
    'CTR004 spec.routes[0].retryPolicy.perTryTimeout: "perTryTimeout" must be text, not the boolean true',
  );
});

Deno.test("a mistake behind an alias is pointed at where it is written", () => {
  check(
    `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop}
spec:
  routes:
  - services: &services
    - &shop {name: shop, port: ««none»»}
  - services:
    - {<<: *shop, weight: 1}
    conditions: [{prefix: «1»}]
`,
    'CTR004 spec.routes[0].services[0].port: "port" must be an integer, not the text "none"',
    'CTR004 spec.routes[1].services[0].port: "port" must be an integer, not the text "none"',
    'CTR004 spec.routes[1].conditions[0].prefix: "prefix" must be text, not the number 1 (quote it: "1")',
  );
});

Deno.test("in a List, a mistake costs one item, and paths begin at the item", () => {
  const manifest = check(
    `apiVersion: v1
kind: List
items:
- ${service("a")}
- apiVersion: v1
  kind: Service
  metadata: {name: b, «nam»: c}
- {apiVersion: v1, kind: Service, metadata: {name: c, «name»: d}}
- ${service("e")}
`,
    'CTR003 metadata.nam: unknown field "nam", did you mean "name"?',
    'CTR002 : key "name" is given twice',
  );
  assert.deepEqual(ids(manifest), ["Service/default/a", "Service/default/e"]);
  assert.deepEqual(brokenIds(manifest), ["Service/default/b", "Service/default/d"]);
});

Deno.test("a key given twice on the List itself costs no item", () => {
  const manifest = check(
    `kind: List\n«kind»: List\napiVersion: v1\nitems:\n- ${service("a")}\n`,
    'CTR002 : key "kind" is given twice',
  );
  assert.deepEqual(ids(manifest), ["Service/default/a"]);
});

Deno.test("a mistake in JSON is found in JSON", () => {
  check(
    `{
	"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy",
	"metadata": {"name": "a"},
	"spec": {"routes": [{"services": [{"name": "s", "port": «"http"»}]}], «"x"»: 1}
}`,
    'CTR004 spec.routes[0].services[0].port: "port" must be an integer, not the text "http"',
    'CTR003 spec.x: unknown field "x" (fields known here: includes, ingressClassName, routes, tcpproxy, virtualhost)',
  );
});

const syntax: [title: string, marked: string, message: string, key: string | undefined][] = [
  [
    "indentation",
    proxy("bad", "\n  routes:\n   - a\n  «-» b"),
    "CTR001 : cannot parse: bad indentation of a mapping entry",
    "HTTPProxy/default/bad",
  ],
  [
    "tab",
    "kind: Service\nmetadata:\n  labels: {}\n  name: 'bad'\n  namespace: n # here\nspec:\n«\t»a: 1\n",
    "CTR001 : cannot parse: tab characters must not be used in indentation",
    "Service/n/bad",
  ],
  [
    "flow metadata",
    "kind: Secret\nmetadata: {name: bad, namespace: n}\ndata: *«nothing»\n",
    'CTR001 : an alias refers to no anchor before it: text that begins with "*" has to be quoted',
    "Secret/n/bad",
  ],
  [
    "JSON",
    '{"kind": "Service", "metadata": {"labels": 1, "name": "bad"}, "a": «]»}',
    "CTR001 : cannot parse: missed comma between flow collection entries",
    "Service/default/bad",
  ],
  [
    "no name",
    "kind: Service\na: *«x»\n",
    'CTR001 : an alias refers to no anchor before it: text that begins with "*" has to be quoted',
    undefined,
  ],
  [
    "a list of kinds",
    `kind: List\nitems:\n- kind: Service\n  metadata: {name: a}\n- *«x»\n`,
    'CTR001 : an alias refers to no anchor before it: text that begins with "*" has to be quoted',
    undefined,
  ],
  [
    "unknown tag",
    "kind: Service\nmetadata: {name: a}\nspec: «!!set» {a}\n",
    "CTR001 : the tag !!set has no meaning here",
    "Service/default/a",
  ],
  [
    "key that is a list",
    "kind: Service\nmetadata: {name: a}\n? «[»a]\n: b\n",
    "CTR001 : the key of a mapping has to be text",
    "Service/default/a",
  ],
  [
    "null byte",
    "kind: Service\nmetadata:\n  name: a\n  x: b«\0»",
    "CTR001 : cannot parse: null byte is not allowed in input",
    "Service/default/a",
  ],
];
for (const [title, marked, message, key] of syntax) {
  Deno.test(`what cannot be parsed costs its document alone: ${title}`, () => {
    const manifest = check(
      `${service("before")}\n---\n${marked}\n---\n${service("after")}\n`,
      message,
    );
    assert.deepEqual(ids(manifest), ["Service/default/before", "Service/default/after"]);
    assert.deepEqual(brokenIds(manifest), [key]);
  });
}

Deno.test("an object given twice is used once", () => {
  const manifest = check(
    `${proxy("a")}---\n${proxy("a").replace("name: a", "name: «a»")}`,
    'CTR011 metadata.name: HTTPProxy "default/a" is given twice, first in line 4',
  );
  assert.deepEqual(ids(manifest), ["HTTPProxy/default/a"]);
  assert.deepEqual(manifest.broken, []);
});

Deno.test("aliases that multiply are refused", () => {
  const levels = Array.from(
    { length: 9 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(", ")}]`,
  );
  const { diagnostics } = readManifest(`a0: &a0 [x]\n${levels.join("\n")}\n`, { file });
  assert.deepEqual(diagnostics.map(({ code }) => code), ["CTR012"]);
});

Deno.test("an alias inside its own anchor is refused", () => {
  check("a: &a [*«a»]", 'CTR012 : alias "a" stands inside the node it refers to');
});

Deno.test("deep nesting is refused", () => {
  for (
    const text of [
      "[".repeat(100_000),
      "a: ".repeat(200),
      "- ".repeat(100_000),
      '{"a":'.repeat(5000),
    ]
  ) {
    const { diagnostics, objects } = readManifest(text, { file });
    assert.equal(objects.length, 0);
    assert.ok(["CTR001", "CTR014"].includes(diagnostics[0]?.code ?? ""));
  }
  const chain = Array.from(
    { length: 9 },
    (_, index) => `- &a${index + 1} ${"[".repeat(40)}*a${index}${"]".repeat(40)}`,
  );
  const { diagnostics } = readManifest(`- &a0 x\n${chain.join("\n")}`, { file });
  assert.deepEqual(diagnostics.map(({ code }) => code), ["CTR014"]);
});

Deno.test("a file beyond the limit is refused whole", () => {
  const manifest = readManifest("#".repeat(maximumFileSize + 1), { file });
  assert.deepEqual(manifest.diagnostics.map(({ code }) => code), ["CTR013"]);
  assert.equal(manifest.broken.length, 1);
});

Deno.test("countless mistakes are counted, not listed", () => {
  const { diagnostics } = readManifest("--- x\n".repeat(5000), { file });
  assert.equal(diagnostics.length, 1001);
  assert.equal(diagnostics.at(-1)?.message, "4000 more problems in this file");
});

Deno.test("a byte order mark and Windows line ends change nothing", () => {
  const text = `# first\n${proxy("a", "\n  routes:\n  - enableWebsockets: yes\n    x: 1")}---\n${
    proxy("b")
  }`;
  const unix = readManifest(text, { file });
  const windows = readManifest("\ufeff" + text.replaceAll("\n", "\r\n"), { file });
  assert.deepEqual(windows.diagnostics, unix.diagnostics);
  assert.deepEqual(
    windows.objects.map(({ object }) => object),
    unix.objects.map(({ object }) => object),
  );
});

Deno.test("directives belong to the document that follows", () => {
  const manifest = check(
    `${proxy("a")}%YAML 1.2\n# so\n---\n${proxy("b")}...\n%YAML 1.2\n---\n${proxy("c")}`,
  );
  assert.deepEqual(ids(manifest), ["a", "b", "c"].map((name) => `HTTPProxy/default/${name}`));
});

Deno.test("dashes inside of text are no document marker", () => {
  const { objects } = readManifest(
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  pem: |\n    ---\n    -----BEGIN\n  b: "---"\n`,
    { file },
  );
  const [object] = objects.map((parsed) => parsed.object);
  assert.deepEqual(object?.kind === "ConfigMap" && object.data, {
    pem: "---\n-----BEGIN\n",
    b: "---",
  });
});

Deno.test("objects are in the namespace of the reader unless they name one", () => {
  const read = (namespace: string) =>
    ids(readManifest(`${proxy("a")}---\n${service("b, namespace: c")}`, { file, namespace }));
  assert.deepEqual(read("team"), ["HTTPProxy/team/a", "Service/c/b"]);
});

Deno.test("a cache of another namespace is not used", () => {
  const cache = new ManifestCache();
  for (const namespace of ["a", "b"]) {
    assert.deepEqual(ids(readManifest(proxy("x"), { file, namespace, cache })), [
      `HTTPProxy/${namespace}/x`,
    ]);
  }
});

const located: [path: string, text: string][] = [
  ["metadata.name", "a"],
  ['metadata.annotations["x/y"]', '"z"'],
  ["spec.routes[0].services[0]", "{name: one, port: 80}"],
  ["spec.routes[0].services[0].port", "80"],
  ["spec.routes[0].services[1].port", "80"],
  ["spec.routes[0].services[1].name", "b"],
  ["spec.routes[0].conditions", "conditions"],
  ["spec.routes[0].services[1].nothing", "{<<: *one, name: b}"],
  ["spec.routes[1].requestHeadersPolicy.set[0].value", "two\n          lines"],
];
for (const [path, text] of located) {
  Deno.test(`locate ${path}`, () => {
    const source = `---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: a, annotations: {x/y: "z"}}
spec:
  routes:
  - services:
    - &one {name: one, port: 80}
    - {<<: *one, name: b}
    conditions:
    # none
  - requestHeadersPolicy:
      set:
      - name: x
        value: two
          lines
`;
    const [object] = readManifest(source, { file }).objects;
    assert.ok(object);
    assert.equal(textAt(source, object.locate(path)), text);
  });
}

function textAt(source: string, { line, column, endLine, endColumn }: Position): string {
  const lines = source.split("\n").slice(line - 1, endLine);
  lines.push((lines.pop() ?? "").slice(0, endColumn - 1));
  return lines.join("\n").slice(column - 1);
}
