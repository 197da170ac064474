/**
 * Lint says what the controller says: over the whole golden corpus, each problem that a status
 * golden holds, and no other one but advice.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { load } from "js-yaml";
import { type KubeObject, readManifest } from "../../controller/api/mod.ts";
import { judge } from "../../lint/mod.ts";
import { certificateSecret } from "../golden/certificates.ts";
import { foldersBelow, testsFolder } from "../golden/golden_case.ts";
import { readHeader } from "../golden/header.ts";
import { headerPlugins } from "../golden/header_plugins.ts";

Deno.test("over the golden corpus lint says what the status goldens say", async () => {
  let cases = 0;
  let problems = 0;
  for (const folder of [...foldersBelow(join(testsFolder, "golden"))].sort()) {
    const status = await textOf(join(folder, "status.yaml"));
    if (status === undefined) continue;
    const expected = goldenProblems(load(status));
    const said = await lintProblems(await Deno.readTextFile(join(folder, "in.yaml")));
    assert.deepEqual(said, expected, relative(testsFolder, folder));
    cases++;
    problems += expected.length;
  }
  assert.ok(cases > 150, `${cases} cases`);
  assert.ok(problems > 250, `${problems} problems`);
});

/** `12:5 spec.routes[0] error CTR187 HTTPProxy/default/shop: the message`, sorted. */
function goldenProblems(golden: unknown): string[] {
  assert.ok(isRecord(golden));
  const lines: string[] = [];
  for (const [id, verdict] of Object.entries(golden)) {
    const list = Array.isArray(verdict) ? verdict : isRecord(verdict) ? verdict["problems"] : [];
    for (const problem of Array.isArray(list) ? list : []) {
      assert.ok(isRecord(problem));
      const severity = ["error", "warning", "info"].find((word) => word in problem) ?? "";
      const code = String(problem[severity]).split(" ")[0];
      const object = Array.isArray(verdict) ? String(problem["object"] ?? "") : id;
      lines.push(`${problem["at"]} ${severity} ${code} ${object}: ${problem["message"]}`);
    }
  }
  return lines.sort();
}

async function lintProblems(text: string): Promise<string[]> {
  const header = readHeader(text);
  const { settings, envoy, certificates } = header;
  const { policyKinds, furnishing } = await headerPlugins(header);
  const manifest = readManifest(text, { file: "in.yaml", policyKinds });
  const objects: KubeObject[] = manifest.objects.map(({ object }) => object);
  for (const request of certificates) objects.push(await certificateSecret(request));
  const { findings } = judge({
    objects,
    diagnostics: manifest.diagnostics,
    locate: (key, path, at) =>
      manifest.objects.find((parsed) =>
        parsed.key.kind === key.kind && parsed.key.namespace === key.namespace &&
        parsed.key.name === key.name
      )?.locate(path, at),
    texts: new Map([["in.yaml", text]]),
  }, {
    strictRefs: true,
    settings,
    envoy: { ...envoy, ...(furnishing === undefined ? {} : { plugins: furnishing.envoy }) },
    ...(furnishing === undefined ? {} : { plugins: furnishing.set }),
    nowMs: settings.nowMs,
  });
  return findings.filter(({ code }) => code < "CTR401" && code !== "CTR306").map((finding) => {
    const { position, path, severity, code, object, message } = finding;
    const at = position === undefined ? "nowhere" : `${position.line}:${position.column}`;
    const id = object === undefined ? "" : `${object.kind}/${object.namespace}/${object.name}`;
    return `${at} ${path === "" ? "(all of it)" : path} ${severity} ${code} ${id}: ${message}`;
  }).sort();
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
