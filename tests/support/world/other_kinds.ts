import type { Random } from "./random.ts";
import { names, ports } from "./surroundings.ts";

/** An ExtensionService. */
export function extensionService(random: Random): object {
  return {
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ExtensionService",
    metadata: { namespace: random.of(names.namespaces), name: `e${random.below(2)}` },
    spec: {
      services: [{ name: random.of(names.services), port: random.of(ports) }],
      ...random.maybe(0.5, "protocol", () => random.of(["h2", "h2c"])),
    },
  };
}

/** Objects that routing does not look at. */
export function otherKinds(random: Random): object {
  const metadata = { name: random.of(names.namespaces) };
  return random.of<object>([
    { apiVersion: "v1", kind: "Namespace", metadata },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { key: String(random.below(3)) } },
  ]);
}
