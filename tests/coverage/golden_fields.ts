import { join } from "node:path";
import { load, loadAll } from "js-yaml";
import { translationCases } from "../golden/translation_case.ts";
import { usedFields } from "./used_fields.ts";

/** What each golden case uses, by its name without `golden/`. */
export function goldenFields(): ReadonlyMap<string, UsedByPart> {
  return new Map(
    translationCases().map(({ name, folder }) => {
      const text = Deno.readTextFileSync(join(folder, "in.yaml"));
      const used = usedByPart(loadAll(text));
      const configured = [...text.matchAll(/^# (?:settings|configuration): (.*)$/gm)].flatMap(
        ([, value = ""]) => [...usedFields(load(value))],
      );
      used.set("Configuration", new Set(configured.map((field) => field.replace(/^spec\./, ""))));
      return [name.replace(/^golden\//, ""), used];
    }),
  );
}

/** Fields by the part of the table they belong to. */
export type UsedByPart = Map<string, ReadonlySet<string>>;

/** The fields of documents by kind. What is no object has none. */
export function usedByPart(documents: readonly unknown[]): UsedByPart {
  const used: UsedByPart = new Map();
  for (const document of documents) {
    if (typeof document !== "object" || document === null || !("kind" in document)) continue;
    const kind = String(document.kind);
    used.set(kind, new Set([...used.get(kind) ?? [], ...usedFields(document)]));
  }
  return used;
}
