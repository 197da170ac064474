import { keyId, type KubeObject } from "../api/mod.ts";
import { defaultEnvoyOptions } from "../envoy/mod.ts";
import type { Furnishing } from "../plugin/mod.ts";
import type { Settings } from "../store/mod.ts";
import type { ObjectStatus } from "../status/mod.ts";
import { Translation } from "./translation.ts";

/** The verdict on each of these objects, as a cluster that holds just them would have it; by key. */
export function statuses(
  objects: readonly KubeObject[],
  settings: Settings,
  plugins?: Pick<Furnishing, "set" | "envoy">,
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
  translation.settleNow();
  return [...translation.statuses.values()].sort((a, b) => keyId(a.key) < keyId(b.key) ? -1 : 1);
}
