import assert from "node:assert/strict";
import { commandLine } from "../tests/support/command_line.ts";
import { parts } from "./main.ts";

const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: web
  annotations: { nginx.ingress.kubernetes.io/ssl-redirect: "false" }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [shop.example.com], secretName: shop-tls }]
  rules:
    - host: shop.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }
`;

const configuration = {
  apiVersion: "projectcontour.io/v1alpha1",
  kind: "ContourConfiguration",
  metadata: { name: "contour", namespace: "edge" },
  spec: {
    ingress: { classNames: ["public"] },
    httpproxy: { rootNamespaces: ["roots"], disablePermitInsecure: true },
  },
};

Deno.test("convert knows what the controller is configured to refuse", async () => {
  const file = await Deno.makeTempFile({ prefix: "contour-convert-", suffix: ".yaml" });
  try {
    const contour = (...args: string[]) =>
      commandLine(["convert", ...args, "-"], {
        readStdin: () => Promise.resolve(ingress),
        env: (name) => name === "CONTOUR_NAMESPACE" ? "edge" : undefined,
        parts: {
          ...parts,
          contourConfiguration: (_, key) => {
            assert.deepEqual(key, { namespace: "edge", name: "contour" });
            return Promise.resolve(configuration);
          },
        },
      });
    const usual = await contour("--strict");
    assert.equal(usual.code, 0, usual.err);
    assert.doesNotMatch(usual.out, /ingressClassName/);

    await Deno.writeTextFile(file, JSON.stringify(configuration));
    for (const flags of [["--config", file], ["--contour-config-name", "contour"]]) {
      const { code, out, err } = await contour("--strict", ...flags);
      assert.equal(code, 1, err);
      assert.match(out, /ingressClassName: public/);
      assert.match(err, /error\[CTR106\] as the controller is configured: root HTTPProxy cannot/);
      assert.match(err, /disablePermitInsecure: hosts with TLS answer HTTP with a redirect/);
      assert.equal((await contour(...flags)).code, 0);
    }
    const chosen = await contour("--config", file, "--target-class", "other");
    assert.match(chosen.out, /ingressClassName: other/);
    const missing = await contour("--config", `${file}.none`);
    assert.deepEqual([missing.code, missing.out], [2, ""]);
    assert.match(missing.err, /there is no such file/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a ContourConfiguration is asked for where it is named, by its namespace too", async () => {
  const asked: unknown[] = [];
  const contour = (...args: string[]) =>
    commandLine(["lint", ...args, "-"], {
      parts: {
        contourConfiguration: (_, key) => {
          asked.push(key);
          return key.name === "none"
            ? Promise.reject(new Error("There is none of this name"))
            : Promise.resolve(configuration);
        },
      },
    });
  const named = await contour("--contour-config-name", "edge/one");
  assert.equal(named.code, 0, named.err);
  assert.equal((await contour("--contour-config-name", "two")).code, 0);
  assert.deepEqual(asked, [{ namespace: "edge", name: "one" }, {
    namespace: "projectcontour",
    name: "two",
  }]);
  const missing = await contour("--contour-config-name", "none");
  assert.deepEqual([missing.code, missing.out], [2, ""]);
  assert.match(missing.err, /There is none of this name/);
  const both = await contour("--contour-config-name", "one", "--config", "x.yaml");
  assert.equal(both.code, 2);
  assert.match(both.err, /cannot be used with option/);
});
