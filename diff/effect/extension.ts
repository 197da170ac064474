import { extensionCluster, type ExtensionRef } from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { object } from "../../controller/store/mod.ts";
import type { Aspect } from "./effect.ts";
import { digest } from "./digest.ts";

/** A server that Envoy asks by itself, with all that is said of it. */
export function extensionText(db: Db, { namespace, name }: ExtensionRef): Aspect {
  const found = extensionCluster(db, { namespace, name });
  const services = object(db, "ExtensionService", { namespace, name })?.spec.services ?? [];
  const validation = found?.validation;
  const value = JSON.stringify([
    namespace,
    name,
    services,
    found && {
      ...found,
      ...(validation === undefined
        ? {}
        : { validation: { ...validation, caBundle: digest(validation.caBundle) } }),
    },
  ]);
  const behind = services.map(({ name, port }) => `${name}:${port}`).join(", ");
  return { value, text: `${namespace}/${name}${behind === "" ? "" : ` (${behind})`}` };
}
