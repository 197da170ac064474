import { dump } from "js-yaml";
import { keyId } from "../../controller/api/mod.ts";
import type { Edit, Script } from "../support/world.ts";

/** A script that still fails and holds as little as trying for a while could find. */
export function shrunk(script: Script, fails: (script: Script) => boolean): Script {
  let best = script;
  let attempts = 300;
  for (let improved = true; improved && attempts > 0;) {
    improved = false;
    for (const shorter of shorterScripts(best)) {
      if (attempts-- <= 0) break;
      if (!fails(shorter)) continue;
      best = shorter;
      improved = true;
      break;
    }
  }
  return best;
}

/** The script without a batch, then without an edit. Any script is a valid one. */
function* shorterScripts(script: Script): Iterable<Script> {
  for (let i = script.length - 1; i >= 0; i--) yield script.toSpliced(i, 1);
  for (const [i, batch] of script.entries()) {
    for (const j of batch.keys()) yield script.with(i, batch.toSpliced(j, 1));
  }
}

/** A script for people to read. Contents of Secrets are not in it. */
export function scriptText(script: Script): string {
  return dump(script.map((batch) => batch.map(editForm)), { lineWidth: -1, noRefs: true });
}

function editForm(edit: Edit): object {
  switch (edit.kind) {
    case "apply": {
      const { object } = edit;
      return {
        apply: object.kind === "Secret"
          ? { kind: object.kind, metadata: object.metadata, keys: Object.keys(object.data ?? {}) }
          : object,
      };
    }
    case "delete":
      return { delete: keyId(edit.key) };
    case "configure":
      return { configure: edit.settings };
  }
}
