import assert from "node:assert/strict";
import { z } from "zod";
import {
  ConfigurationFile,
  configure,
  ContourConfigurationSpec,
  keys,
  type KeySource,
  rowOf,
  withoutEffect,
} from "./mod.ts";
import { withTables } from "./generate_docs.ts";

/** Paths of everything a schema takes that is no object with names of its own. */
function leaves(schema: unknown, path: readonly string[] = []): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return leaves(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodObject && Object.keys(schema.shape).length > 0) {
    return Object.entries(schema.shape).flatMap(([name, field]) => leaves(field, [...path, name]));
  }
  return [path.join(".")];
}

const schemas = { file: ConfigurationFile, resource: ContourConfigurationSpec } as const;

for (const source of ["file", "resource"] satisfies KeySource[]) {
  Deno.test(`every key of the ${source} has a row, and every row a key`, () => {
    const paths = leaves(schemas[source]);
    assert.ok(paths.length > 60);
    assert.deepEqual(paths.filter((path) => rowOf(source, path) === undefined), []);
    const used = new Set(paths.map((path) => rowOf(source, path)));
    assert.deepEqual(keys.filter((row) => row[source] !== undefined && !used.has(row)), []);
  });
}

Deno.test("docs/configuration.md has the rows of today", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));
  assert.equal(page, withTables(page));
});

Deno.test("the file that docs/configuration.md shows is taken, all of it", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));
  const [, text = ""] = /^```yml\n(.*?)^```$/ms.exec(page) ?? [];
  const source = { kind: "file", name: "contour.yaml", text } as const;
  const result = configure({ source, flags: {}, namespace: "projectcontour" });
  assert.ok(result.ok && result.configuration.tracing !== undefined, JSON.stringify(result));
  assert.equal(result.unusedKeys, undefined);
});

Deno.test("what has no effect is named once, and only where something is said", () => {
  assert.deepEqual(
    withoutEffect("file", {
      policy: { "request-headers": { set: { a: "b" }, remove: ["c"] }, applyToIngress: false },
      tracing: { extensionService: "a/b", includePodDetail: true },
      timeouts: { "connect-timeout": "1s" },
      metrics: { contour: { address: "127.0.0.1", port: 9000 } },
      rateLimitService: { extensionService: "" },
      gateway: { gatewayRef: { namespace: "a", name: "b" } },
    }),
    ["gateway"],
  );
  assert.deepEqual(
    withoutEffect("resource", {
      metrics: { port: 9000, tls: { certFile: "/a", keyFile: "/b" } },
      envoy: { clientCertificate: { namespace: "a", name: "b" } },
      gateway: { gatewayRef: { namespace: "a", name: "b" } },
    }),
    ["gateway"],
  );
});
