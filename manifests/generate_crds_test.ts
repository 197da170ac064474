import assert from "node:assert/strict";
import { load } from "js-yaml";
import { generateCrds } from "./generate_crds.ts";

const folder = new URL("./crds/", import.meta.url);
const crds = generateCrds();

Deno.test("the committed definitions are those of the schemas: else run `deno task gen`", () => {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
  assert.deepEqual(names, [...crds.keys()].toSorted());
  for (const [name, text] of crds) {
    assert.equal(Deno.readTextFileSync(new URL(name, folder)), text, name);
  }
});

Deno.test("generating twice gives the same bytes", () => assert.deepEqual(generateCrds(), crds));

/** The value at a path of the definition of a kind. */
function at(kind: string, ...path: (string | number)[]): unknown {
  let value: unknown = load(crds.get(`projectcontour.io_${kind}.yaml`) ?? "");
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

const schema = ["spec", "versions", 0, "schema", "openAPIV3Schema"];
const spec = [...schema, "properties", "spec", "properties"];
const status = [...schema, "properties", "status"];
const route = [...spec, "routes", "items", "properties"];
const duration = String
  .raw`((\d*(\.\d*)?h)|(\d*(\.\d*)?m)|(\d*(\.\d*)?s)|(\d*(\.\d*)?ms)|(\d*(\.\d*)?us)|(\d*(\.\d*)?µs)|(\d*(\.\d*)?ns))+`;

const facts: [kind: string, path: (string | number)[], value: unknown][] = [
  ["httpproxies", ["metadata", "name"], "httpproxies.projectcontour.io"],
  ["httpproxies", ["spec", "scope"], "Namespaced"],
  ["httpproxies", ["spec", "names"], {
    kind: "HTTPProxy",
    listKind: "HTTPProxyList",
    plural: "httpproxies",
    singular: "httpproxy",
    shortNames: ["proxy", "proxies"],
  }],
  ["httpproxies", ["spec", "versions", 0, "subresources"], { status: {} }],
  [
    "httpproxies",
    ["spec", "versions", 0, "additionalPrinterColumns", 1, "jsonPath"],
    ".spec.virtualhost.tls.secretName",
  ],
  ["httpproxies", [...schema, "required"], ["metadata", "spec"]],
  ["httpproxies", [...schema, "properties", "metadata"], { type: "object" }],
  ["httpproxies", [...status, "default"], {
    currentStatus: "NotReconciled",
    description: "Waiting for controller",
  }],
  ["httpproxies", [...status, "properties", "conditions", "x-kubernetes-list-type"], "map"],
  ["httpproxies", [...status, "properties", "conditions", "x-kubernetes-list-map-keys"], ["type"]],
  ["httpproxies", [...spec, "virtualhost", "required"], ["fqdn"]],
  [
    "httpproxies",
    [...route, "timeoutPolicy", "properties", "response", "pattern"],
    `^(${duration}|infinity|infinite)$`,
  ],
  ["httpproxies", [...route, "retryPolicy", "properties", "count"], {
    default: 1,
    description: "Retries at most. 0 means 1, and -1 means none.",
    format: "int64",
    minimum: -1,
    type: "integer",
  }],
  ["httpproxies", [...route, "services", "items", "properties", "port"], {
    description: "A port of the Service.",
    exclusiveMaximum: true,
    maximum: 65536,
    minimum: 1,
    type: "integer",
  }],
  ["httpproxies", [
    ...route,
    "services",
    "items",
    "properties",
    "validation",
    "x-kubernetes-validations",
    0,
    "rule",
  ], "has(self.subjectNames) ? self.subjectNames[0] == self.subjectName : true"],
  ["httpproxies", [...route, "requestRedirectPolicy", "properties", "statusCode"], {
    default: 302,
    description: "Status of the answer.",
    enum: [301, 302, 303, 307, 308],
    type: "integer",
  }],
  ["httpproxies", [...route, "authPolicy", "properties", "context", "additionalProperties"], {
    type: "string",
  }],
  ["tlscertificatedelegations", ["spec", "names", "shortNames"], ["tlscerts"]],
  ["tlscertificatedelegations", [...schema, "properties", "spec", "required"], ["delegations"]],
  ["extensionservices", ["spec", "versions", 0, "name"], "v1alpha1"],
  ["extensionservices", [...spec, "services", "minItems"], 1],
];
for (const [kind, path, value] of facts) {
  Deno.test(`${kind} ${path.slice(-3).join(".")}`, () =>
    assert.deepEqual(at(kind, ...path), value));
}

Deno.test("every field of a spec has a type, and a description", () => {
  for (const kind of ["httpproxies", "tlscertificatedelegations", "extensionservices"]) {
    const missing: string[] = [];
    undescribed(at(kind, ...schema, "properties", "spec"), "spec", missing);
    assert.deepEqual(missing, []);
  }
});

Deno.test("nothing in a definition is beyond what a structural schema allows", () => {
  for (const text of crds.values()) {
    assert.doesNotMatch(
      text,
      /additionalProperties: false|\$schema|propertyNames|anyOf|oneOf|nullable/,
    );
  }
});

function undescribed(value: unknown, path: string, missing: string[]): void {
  const { type, items, properties } = value as {
    type?: string;
    items?: unknown;
    properties?: Record<string, unknown>;
  };
  if (type === undefined) missing.push(path);
  if (items !== undefined) undescribed(items, `${path}[]`, missing);
  for (const [name, field] of Object.entries(properties ?? {})) {
    if (!Object.hasOwn(field as object, "description")) missing.push(`${path}.${name}`);
    undescribed(field, `${path}.${name}`, missing);
  }
}
