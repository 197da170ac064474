import { join } from "node:path";
import { load } from "js-yaml";
import { keyId, type KubeObject, readManifest } from "../../controller/api/mod.ts";
import { defaultEnvoyOptions, type ResourceRef } from "../../controller/envoy/mod.ts";
import type { ObjectStatus } from "../../controller/status/mod.ts";
import { Translation, type TranslationDelta } from "../../controller/translation/mod.ts";
import { type Json, typeName } from "../../proto/mod.ts";
import { certificateSecret } from "../golden/certificates.ts";
import { findCases, type GoldenCase, goldenYaml } from "../golden/golden_case.ts";
import { readHeader } from "../golden/header.ts";
import { headerPlugins } from "../golden/header_plugins.ts";
import { type Event, eventBatch } from "./event.ts";
import { keyLabel } from "./key_label.ts";

/**
 * All cases of work done: `in.yaml` is what there is at first, `events.yaml` what happens then, one
 * thing after the other, and `work.yaml` what each of it takes: the queries that ran, with their
 * keys, the resources sent and removed, and the statuses written.
 */
export function workCases(): GoldenCase[] {
  return findCases("incremental/work", { outputs: ["work.yaml"], produce });
}

async function produce(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await Deno.readTextFile(join(folder, "in.yaml"));
  const header = readHeader(text);
  const { layout, settings, certificates } = header;
  const { policyKinds, furnishing } = await headerPlugins(header);
  const translation = new Translation({
    settings,
    envoy: {
      ...defaultEnvoyOptions,
      ...(furnishing === undefined ? {} : { plugins: furnishing.envoy }),
    },
    layout,
    plugins: furnishing?.set,
  });
  const objects: KubeObject[] = readManifest(text, { file: "in.yaml", policyKinds }).objects
    .map(({ object }) => object);
  for (const request of certificates) objects.push(await certificateSecret(request));
  translation.apply({ applied: objects });
  translation.settleNow();

  const ran: string[] = [];
  translation.onCompute((query, key) => ran.push(`${query} ${keyLabel(key)}`));
  const work: Json[] = [];
  const events = load(await Deno.readTextFile(join(folder, "events.yaml"))) as readonly Event[];
  for (const event of events) {
    ran.length = 0;
    const before = translation.statistics().visits;
    translation.apply(await eventBatch(event, translation.store, policyKinds));
    const delta = translation.settleNow();
    work.push({
      event: event.event,
      visited: translation.statistics().visits - before,
      ran: [...ran],
      ...effects(delta),
    });
  }
  return new Map([["work.yaml", goldenYaml(work)]]);
}

/** What a settle changed outside; what it did not is left out. */
function effects({ resources, statuses }: TranslationDelta): Record<string, Json> {
  const sent = byType(resources.changed);
  const removed = byType(resources.removed);
  const wrote = [...statuses.changed].map(statusLine)
    .concat(statuses.removed.map((id) => `${id}: none`)).sort();
  return {
    ...(Object.keys(sent).length === 0 ? {} : { sent }),
    ...(Object.keys(removed).length === 0 ? {} : { removed }),
    ...(wrote.length === 0 ? {} : { wrote }),
  };
}

function byType(refs: readonly ResourceRef[]): Record<string, string[]> {
  const types: Record<string, string[]> = {};
  for (const { typeUrl, name } of refs) {
    const type = typeName(typeUrl).split(".").at(-1) ?? typeUrl;
    types[type] = [...types[type] ?? [], name].sort();
  }
  return types;
}

function statusLine({ key, status, diagnostics }: ObjectStatus): string {
  const reasons = diagnostics.map(({ condition, code }) => condition?.reason ?? code);
  return [
    `${keyId(key)}: ${status?.currentStatus ?? (reasons.length > 0 ? "problems" : "fine")}`,
    ...new Set(reasons),
  ].join(", ");
}
