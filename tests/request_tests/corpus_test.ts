/** What `convert --tests` writes passes on what `convert` writes, and fails when a route is broken. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { keyId, keyOf, type KubeObject, readManifest } from "../../controller/api/mod.ts";
import { defaultSettings } from "../../controller/store/mod.ts";
import { Explainer } from "../../explain/mod.ts";
import { withAssumed } from "../../lint/mod.ts";
import {
  type CaseResult,
  coverageOf,
  readRequestCases,
  runRequestCases,
} from "../../request_tests/mod.ts";
import { convertCases } from "../convert/convert_case.ts";

for (const { name, folder } of convertCases()) {
  Deno.test(`${name}: the tests that are written pass, and notice what breaks`, async (t) => {
    const [out, cases] = await Promise.all(
      ["out.yaml", "tests.yaml"].map((file) =>
        Deno.readTextFile(join(folder, file)).catch((error) => {
          if (error instanceof Deno.errors.NotFound) return undefined;
          throw error;
        })
      ),
    );
    if (out === undefined || cases === undefined) return;
    const manifest = readManifest(out, { file: "out.yaml" });
    assert.deepEqual(manifest.diagnostics, []);
    const objects = manifest.objects.map(({ object }) => object);

    const { results, explainer } = tried(objects, cases);
    await t.step("they pass", () => {
      assert.deepEqual(results.filter(({ kind }) => kind !== "passed").map(failure), []);
    });
    const { routes } = coverageOf(explainer.rules(), results);
    await t.step("a route that is reached and answers otherwise is noticed", () => {
      const unnoticed = routes.filter(({ isReached }) => isReached).filter((route) => {
        const broken = objects.map((object) =>
          keyId(keyOf(object)) === keyId(route.object) ? withBroken(object, route.path) : object
        );
        return tried(broken, cases).results.every(({ kind }) => kind === "passed");
      });
      assert.deepEqual(unnoticed.map(({ fqdn, path }) => `${fqdn} ${path}`), []);
    });
  });
}

function tried(objects: readonly KubeObject[], cases: string) {
  const explainer = new Explainer(withAssumed(objects, defaultSettings));
  const reading = readRequestCases(cases, "tests.yaml");
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
  const results = runRequestCases(reading.cases, { explainer, locate: reading.locate });
  return { results, explainer };
}

/** With a route that answers what nobody expects. */
function withBroken(object: KubeObject, path: string): KubeObject {
  const [, index] = /^spec\.routes\[(\d+)\]$/.exec(path) ?? [];
  if (object.kind !== "HTTPProxy" || index === undefined) throw new Error(`No route ${path}`);
  const routes = object.spec.routes?.map((route, at) => {
    if (at !== Number(index)) return route;
    const { conditions = [] } = route;
    return { conditions, directResponsePolicy: { statusCode: 599, body: "" } };
  });
  return { ...object, spec: { ...object.spec, routes } };
}

function failure(result: CaseResult): string {
  const why = result.kind === "failed" ? JSON.stringify(result.differences) : "";
  return `${result.position.line}: ${result.name} ${result.kind} ${why}`;
}
