import assert from "node:assert/strict";
import { definePlugin, definePolicy, inProcess } from "../../controller/plugin/mod.ts";
import { convert } from "../../convert/mod.ts";
import { z } from "zod";

const plugin = inProcess(definePlugin({
  contract: 1,
  name: "limits",
  summary: "Limits.",
  policies: [definePolicy({
    kind: "Limit",
    group: "limits.example",
    summary: "A limit.",
    schema: z.object({ rate: z.int().describe("Requests a second.") }),
  })],
  conversions: [{
    annotations: [
      "nginx.ingress.kubernetes.io/limit-rps",
      "nginx.ingress.kubernetes.io/limit-rate",
    ],
    kind: "Limit",
    convert: (values) => ({
      settings: { rate: Number(values["nginx.ingress.kubernetes.io/limit-rps"]) },
      lost: Object.keys(values).filter((name) => name.endsWith("limit-rate"))
        .map((annotation) => ({ annotation, why: "bytes are not limited" })),
    }),
  }],
}));

function ingress(name: string, annotations: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: web, annotations: {${annotations}}}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http:
      paths: [{path: /${name}, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
`;
}

const annotated = ingress(
  "cart",
  'nginx.ingress.kubernetes.io/limit-rps: "10", nginx.ingress.kubernetes.io/limit-rate: "1k"',
);

Deno.test("a plugin makes a policy of the annotations of an Ingress, and says what it cannot", () => {
  const { files: [file], notes } = convert([{ file: "shop.yaml", text: annotated }], {
    plugins: [plugin],
  });
  assert.match(
    file?.text ?? "",
    /apiVersion: limits\.example\/v1alpha1\nkind: Limit\nmetadata:\n {2}name: cart\n {2}namespace: web\n(# lost: .*\n)?spec:\n {2}targetRefs:\n {4}- kind: HTTPProxy\n {6}name: .*\n {2}rate: 10\n/,
  );
  const told = notes.filter(({ path }) => path.includes("limit-"))
    .map(({ path, verdict, message }) => [path.slice(-13, -2), verdict, message]);
  assert.deepEqual(told.sort(), [
    ["/limit-rate", "lost", "bytes are not limited"],
    ["o/limit-rps", "kept", ""],
  ]);
});

Deno.test("where Ingresses share a host, the policy is for the routes of its own", () => {
  const text = `${annotated}---${ingress("blog", "")}`;
  const { files: [file] } = convert([{ file: "shop.yaml", text }], { plugins: [plugin] });
  const [, targets] = /kind: Limit[^]*targetRefs:\n([^]*) {2}rate: 10/.exec(file?.text ?? "") ?? [];
  assert.equal(targets, "    - kind: HTTPProxy\n      name: cart\n");
});

Deno.test("without plugins nothing changes", () => {
  const { files: [file] } = convert([{ file: "shop.yaml", text: annotated }]);
  assert.doesNotMatch(file?.text ?? "", /limits\.example/);
});
