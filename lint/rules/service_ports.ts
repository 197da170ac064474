import { formatPath, keyOf, type Service } from "../../controller/api/mod.ts";
import type { Advice, Rule } from "../rule.ts";

/** Names of Service ports that nothing answers to. */
export const servicePorts: Rule = {
  code: "CTR408",
  row: {
    name: "ServicePortName",
    title: "Name of a Service port that does not agree",
    severity: "warning",
    explanation:
      "Endpoints belong to a Service port by its name: if no EndpointSlice of the Service has a port of that name, there is nobody to send requests to. And an annotation that gives ports a protocol has no effect for a port that the Service does not have.",
  },
  *check(context) {
    const slices = Map.groupBy(
      context.ofKind("EndpointSlice"),
      ({ metadata }) =>
        `${metadata.namespace}/${metadata.labels?.["kubernetes.io/service-name"] ?? ""}`,
    );
    for (const service of context.ofKind("Service")) {
      const { namespace, name } = service.metadata;
      const ports = (slices.get(`${namespace}/${name}`) ?? []).flatMap(({ ports }) => ports);
      yield* withoutEndpoints(service, new Set(ports.map(({ name }) => name)));
      yield* annotated(service);
    }
  },
};

function* withoutEndpoints(service: Service, names: ReadonlySet<string>): Iterable<Advice> {
  if (names.size === 0) return;
  for (const [i, { name = "", port }] of (service.spec.ports ?? []).entries()) {
    if (names.has(name)) continue;
    const path = `spec.ports[${i}]`;
    const shown = name === "" ? `port ${port} has no name` : `port ${port} is named "${name}"`;
    yield {
      object: keyOf(service),
      path: name === "" ? path : `${path}.name`,
      message: `${shown}, but the endpoints of the Service have ${list([...names])}`,
    };
  }
}

function* annotated(service: Service): Iterable<Advice> {
  const ports = (service.spec.ports ?? []).flatMap(({ name = "", port }) => [name, String(port)]);
  for (const [annotation, value] of Object.entries(service.metadata.annotations ?? {})) {
    if (!annotation.startsWith("projectcontour.io/upstream-protocol.")) continue;
    const missing = value.split(",").map((text) => text.trim())
      .filter((text) => text !== "" && !ports.includes(text));
    if (missing.length === 0) continue;
    yield {
      object: keyOf(service),
      path: formatPath(["metadata", "annotations", annotation]),
      message: `the Service has no port ${list(missing)}`,
      hint: `ports are ${ports.filter((text) => text !== "").join(", ")}`,
    };
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => name === "" ? "no name" : `"${name}"`).join(", ");
}
