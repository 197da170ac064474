import { keyFromId, keyId, type KubeObject } from "../api/mod.ts";
import { defaultEnvoyOptions } from "../envoy/mod.ts";
import type { Furnishing } from "../plugin/mod.ts";
import type { Settings } from "../store/mod.ts";
import type { ObjectStatus } from "../status/mod.ts";
import { Translation } from "./translation.ts";

/**
 * The verdict on each of these objects, as a cluster that holds just them would have it; by key.
 * `refused` are objects with the words of an Envoy that does not take them.
 */
export function statuses(
  objects: readonly KubeObject[],
  settings: Settings,
  plugins?: Pick<Furnishing, "set" | "envoy">,
  refused: ReadonlyMap<string, string> = new Map(),
): ObjectStatus[] {
  const translation = new Translation({
    settings,
    envoy: {
      ...defaultEnvoyOptions,
      ...(plugins === undefined ? {} : { plugins: plugins.envoy }),
    },
    layout: "scoped",
    plugins: plugins?.set,
  });
  translation.apply({ applied: objects });
  for (const [id, words] of refused) translation.refuse(keyFromId(id), words);
  translation.settleNow();
  return [...translation.statuses.values()].sort((a, b) => keyId(a.key) < keyId(b.key) ? -1 : 1);
}
