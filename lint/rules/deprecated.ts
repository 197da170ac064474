import { formatPath, keyOf, type KubeObject } from "../../controller/api/mod.ts";
import type { Advice, Rule } from "../rule.ts";

/** What is only there for old objects. */
export const deprecated: Rule = {
  code: "CTR412",
  row: {
    name: "Deprecated",
    title: "Deprecated field or annotation",
    severity: "warning",
    explanation:
      "It has a successor and is there only for old objects, or has no effect any more: kinds and annotations of contour.heptio.com, the class as an annotation, TLS versions below 1.2, tcpproxy.includes.",
  },
  *check({ objects, ofKind }) {
    for (const object of objects) yield* annotations(object);
    for (const proxy of ofKind("HTTPProxy")) {
      const object = keyOf(proxy);
      const { virtualhost, tcpproxy } = proxy.spec;
      for (const field of ["minimumProtocolVersion", "maximumProtocolVersion"] as const) {
        const version = virtualhost?.tls?.[field];
        if (version === undefined || !/^1\.[01]$/.test(version)) continue;
        const meant = field === "minimumProtocolVersion" ? "1.2" : "1.3";
        const path = `spec.virtualhost.tls.${field}`;
        yield {
          object,
          path,
          message: `TLS ${version} is not offered any more: the value counts as ${meant}`,
          change: {
            title: `Change to ${meant}`,
            safety: "safe",
            steps: [{ kind: "replace", path, scalar: meant }],
          },
        };
      }
      if (tcpproxy?.includes !== undefined && tcpproxy.include === undefined) {
        const path = "spec.tcpproxy.includes";
        yield {
          object,
          path,
          at: "key",
          message: `tcpproxy.includes is the old name of tcpproxy.include`,
          change: {
            title: "Rename to include",
            safety: "safe",
            steps: [{ kind: "rename", path, name: "include" }],
          },
        };
      }
    }
  },
};

function* annotations(object: KubeObject): Iterable<Advice> {
  for (const name of Object.keys(object.metadata.annotations ?? {})) {
    const path = formatPath(["metadata", "annotations", name]);
    if (name.startsWith("contour.heptio.com/")) {
      const successor = name.replace("contour.heptio.com/", "projectcontour.io/");
      yield {
        object: keyOf(object),
        path,
        at: "key",
        message: `annotation "${name}" has no effect: its successor is "${successor}"`,
        change: {
          title: `Rename to ${successor}`,
          safety: "unsafe",
          steps: [{ kind: "rename", path, name: successor }],
        },
      };
    }
    const hasClass = object.kind === "Ingress" || object.kind === "HTTPProxy";
    if (hasClass && name === "kubernetes.io/ingress.class") {
      yield {
        object: keyOf(object),
        path,
        at: "key",
        severity: "info",
        message: `annotation "${name}" is deprecated: write spec.ingressClassName`,
      };
    }
  }
}
