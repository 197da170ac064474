/** Nothing is lost silently: whatever an input says, a change of it shows in the output or the report. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import {
  contourAnnotations,
  convert,
  type ConvertOptions,
  kubernetesAnnotations,
  nginxAnnotations,
} from "../../convert/mod.ts";
import { convertCases } from "./convert_case.ts";

const annotations = [
  ...nginxAnnotations.flatMap(({ rows }) =>
    rows.map((row) => `nginx.ingress.kubernetes.io/${row.name}`)
  ),
  "nginx.ingress.kubernetes.io/unheard-of",
  ...contourAnnotations.flatMap(({ rows }) => rows.map((row) => `projectcontour.io/${row.name}`)),
  ...contourAnnotations.flatMap(({ rows }) => rows.map((row) => `contour.heptio.com/${row.name}`)),
  "projectcontour.io/unheard-of",
  ...kubernetesAnnotations.flatMap(({ rows }) => rows.map(({ name }) => name)),
  "cert-manager.io/issuer",
  "external-dns.alpha.kubernetes.io/hostname",
  "example.com/unheard-of",
];

const values = [
  "true",
  "false",
  "1",
  "30",
  "off",
  "cookie",
  "https://a.example.com/x",
  "10.0.0.0/8",
  "GRPC",
];

for (const provider of ["plain", "contour", "ingress-nginx"] as const) {
  Deno.test(`every annotation and each value of it shows: ${provider}`, () => {
    const silent: string[] = [];
    for (const annotation of annotations) {
      const seen = new Map([[seenOf([ingress({})], { provider }), "nothing"]]);
      for (const value of values) {
        const result = seenOf([ingress({ [annotation]: value })], { provider });
        const other = seen.get(result);
        if (other !== undefined) silent.push(`${annotation}: ${value} is like ${other}`);
        seen.set(result, value);
      }
    }
    assert.deepEqual(silent, []);
  });
}

for (const { name, folder } of convertCases()) {
  Deno.test(`${name}: every field shows`, () => {
    const text = Deno.readTextFileSync(join(folder, "in.yaml"));
    const [, header] = /^# options: (\{.*\})$/m.exec(text) ?? [];
    const options: ConvertOptions = header === undefined ? {} : JSON.parse(header);
    const documents = loadAll(text).flatMap(itemsOf);
    const before = seenOf(documents, options);
    const silent: string[] = [];
    let tried = 0;
    for (const [index, document] of documents.entries()) {
      if (!converted.includes(document["kind"])) continue;
      for (const path of leaves(document)) {
        for (const mutation of ["gone", "other"] as const) {
          if (mutation === "gone" && isDefault(document, path)) continue;
          const mutant = mutated(document, path, mutation);
          tried++;
          if (seenOf(documents.with(index, mutant), options) === before) {
            silent.push(`document ${index}: ${path.join(".")} ${mutation}`);
          }
        }
      }
    }
    assert.deepEqual(silent, []);
    assert.ok(tried > 10);
  });
}

type Document = Readonly<Record<string, unknown>>;

const converted: readonly unknown[] = ["Ingress", "IngressRoute", "TLSCertificateDelegation"];

/** All that a user sees, but for the places of things. */
function seenOf(documents: readonly Document[], options: ConvertOptions): string {
  const text = documents.map((document) => JSON.stringify(document)).join("\n---\n");
  const { files, notes, diagnostics } = convert([{ file: "in.yaml", text }], options);
  return JSON.stringify([
    files,
    notes.map(({ verdict, object, path, subject, message }) => [
      verdict,
      object,
      path,
      subject,
      message,
    ]),
    diagnostics.map(({ message }) => message),
  ]);
}

function ingress(annotations: Readonly<Record<string, string>>): Document {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "shop", namespace: "web", annotations },
    spec: {
      tls: [{ hosts: ["shop.example.com"], secretName: "shop-tls" }],
      rules: [{
        host: "shop.example.com",
        http: {
          paths: [{
            path: "/",
            pathType: "Prefix",
            backend: { service: { name: "shop", port: { number: 80 } } },
          }],
        },
      }],
    },
  };
}

function itemsOf(document: unknown): Document[] {
  if (!isRecord(document)) return [];
  const { items } = document;
  return Array.isArray(items) ? items.filter(isRecord) : [document];
}

type Path = readonly (string | number)[];

function leaves(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => leaves(item, [...path, index]));
  }
  if (!isRecord(value)) return [path];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name]));
}

function mutated(document: Document, path: Path, mutation: "gone" | "other"): Document {
  const copy = structuredClone(document);
  let at: unknown = copy;
  for (const segment of path.slice(0, -1)) at = Reflect.get(Object(at), segment);
  const last = path.at(-1) ?? "";
  const value: unknown = Reflect.get(Object(at), last);
  if (mutation === "other") Reflect.set(Object(at), last, different(value));
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else Reflect.deleteProperty(Object(at), last);
  return copy;
}

/** What means the same when it is left out. */
function isDefault(document: Document, path: Path): boolean {
  const value = path.reduce((at: unknown, segment) => Reflect.get(Object(at), segment), document);
  return path.at(-1) === "path" && value === "/" ||
    path.at(-1) === "pathType" && value === "ImplementationSpecific";
}

function different(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return value instanceof Date ? "2030-01-01T00:00:00Z" : `${value}x`;
}

function isRecord(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}
