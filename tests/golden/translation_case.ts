import assert from "node:assert/strict";
import { join } from "node:path";
import { type KubeObject, readManifest, type Secret } from "../../controller/api/mod.ts";
import type { Resource } from "../../controller/envoy/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import { certificateSecret } from "./certificates.ts";
import { findCases, type GoldenCase, goldenYaml } from "./golden_case.ts";
import { type Header, readHeader } from "./header.ts";
import { headerPlugins } from "./header_plugins.ts";
import { resourcesOutput } from "./resources_output.ts";
import { statusOutput } from "./status_output.ts";
import { plainResources, usualResources } from "./usual.ts";

/**
 * All cases of translation: `in.yaml` is what a user applies, `out.yaml` the Envoy resources that its
 * header asks for, `status.yaml` the verdict on its objects.
 */
export function translationCases(): GoldenCase[] {
  return findCases("golden", { outputs: ["out.yaml", "status.yaml"], produce });
}

async function produce(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await Deno.readTextFile(join(folder, "in.yaml"));
  const header = readHeader(text);
  const { show, layout, settings, envoy, certificates, defaults } = header;
  assert.ok(show.length > 0, "the header says nothing to show");
  const { policyKinds, furnishing } = await headerPlugins(header);
  const manifest = readManifest(text, { file: "in.yaml", policyKinds });
  const objects: KubeObject[] = manifest.objects.map(({ object }) => object);
  for (const request of certificates) objects.push(await certificateSecret(request));
  const translation = new Translation({
    settings,
    envoy: { ...envoy, ...(furnishing === undefined ? {} : { plugins: furnishing.envoy }) },
    layout,
    plugins: furnishing?.set,
  });
  translation.apply({ applied: objects });
  translation.settleNow();

  const secrets = objects.filter((object) => object.kind === "Secret");
  const files = new Map<string, string>();
  if (show.some((section) => section !== "status")) {
    const output = resourcesOutput([...translation.resources()], {
      show,
      secrets,
      usual: await usual(header),
      derived: defaults === "left out" ? "left out" : "printed",
    });
    files.set("out.yaml", goldenYaml(output));
  }
  if (show.includes("status")) {
    const output = statusOutput(translation.statuses.values(), manifest, {
      full: defaults !== "left out",
    });
    files.set("status.yaml", goldenYaml(output));
  }
  for (const [name, content] of files) assertNoSecret(content, secrets, name);
  return files;
}

async function usual({ defaults, layout }: Header): Promise<readonly Resource[]> {
  switch (defaults) {
    case "left out":
      return await usualResources(layout);
    case "shown":
      return [];
    case "shown beyond those of a plain host":
      return await plainResources();
  }
}

/** Secret bytes reach Envoy and nowhere else, a golden least of all. */
function assertNoSecret(content: string, secrets: readonly Secret[], file: string): void {
  const compact = content.replace(/\s+/g, "");
  for (const { metadata, data = {} } of secrets) {
    for (const [key, base64] of Object.entries(data)) {
      const plain = atob(base64.replace(/\s/g, "")).replace(/\s+/g, "");
      for (const text of [base64, plain]) {
        if (text.length < 4) continue;
        const leaks = compact.includes(text);
        assert.ok(!leaks, `${file} holds ${key} of ${metadata.namespace}/${metadata.name}`);
      }
    }
  }
  assert.ok(!/-----BEGIN|LS0tLS1CRUdJTi/.test(content), `${file} holds PEM`);
}
