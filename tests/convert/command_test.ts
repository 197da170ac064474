/** `contour convert` as people call it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { conversionReport, convert } from "../../convert/mod.ts";
import { generateConvert } from "../../docs/generate_convert.ts";
import { commandLine } from "../support/command_line.ts";

const shop = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: web
  annotations:
    projectcontour.io/response-timeout: 30s
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
`;

const lossy = shop.replace("projectcontour.io/response-timeout: 30s", "example.com/other: x");

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("objects go to standard output, the report to standard error", () =>
  inFolder(async (folder) => {
    const file = join(folder, "in.yaml");
    await Deno.writeTextFile(file, lossy);
    const { code, out, err } = await commandLine(["convert", file]);
    assert.equal(code, 0);
    assert.match(out, /^---\n# From Ingress\/web\/shop\napiVersion: projectcontour.io\/v1\n/);
    assert.match(out, /^# unknown: example.com\/other/m);
    assert.ok(
      err.startsWith(`${file}:7:5  unknown       example.com/other: "x" -> <stdout>:`),
      err,
    );
    assert.ok(
      err.endsWith("\n1 Ingress -> 1 HTTPProxy   kept 1   approximated 0   lost 0   unknown 1\n"),
      err,
    );
    const again = await commandLine(["convert", "-f", file, "-q"]);
    assert.deepEqual(again, { code: 0, out, err: "" });
  }));

Deno.test("standard input is read, JSON is written", async () => {
  const { code, out } = await commandLine(["convert", "-", "-o", "json"], {
    readStdin: () => Promise.resolve(shop),
  });
  assert.equal(code, 0);
  const { kind, items: [item] } = JSON.parse(out);
  assert.deepEqual([kind, item.kind, item.spec.routes[0].timeoutPolicy], [
    "List",
    "HTTPProxy",
    { response: "30s" },
  ]);
});

Deno.test("nothing to convert is no YAML, and no mistake", async () => {
  const { code, out, err } = await commandLine(["convert", "-"], {
    readStdin: () => Promise.resolve(""),
  });
  assert.deepEqual([code, out], [0, ""]);
  assert.match(err, /^0 Ingresses -> 0 HTTPProxies/);
});

Deno.test("strict fails for what is lost or unknown", async () => {
  const call = (text: string) =>
    commandLine(["convert", "-", "--strict"], { readStdin: () => Promise.resolve(text) });
  assert.equal((await call(shop)).code, 0);
  assert.equal((await call(lossy)).code, 1);
});

Deno.test("a folder gets a file for each that was read", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "in/deep"), { recursive: true });
    await Deno.writeTextFile(join(folder, "in/shop.yml"), shop);
    await Deno.writeTextFile(
      join(folder, "in/deep/shop.json"),
      JSON.stringify({
        apiVersion: "contour.heptio.com/v1beta1",
        kind: "IngressRoute",
        metadata: { name: "old" },
        spec: {
          virtualhost: { fqdn: "old.example.com" },
          routes: [{ match: "/", services: [{ name: "old", port: 80 }] }],
        },
      }),
    );
    const out = join(folder, "out");
    const tests = join(folder, "checks/tests.yaml");
    const { code, out: printed, err } = await commandLine([
      ...["convert", join(folder, "in"), "--out-dir", `${out}/`, "--tests", tests],
      ...["--report", join(folder, "report.md"), "-n", "legacy"],
    ]);
    assert.deepEqual([code, printed], [0, ""]);
    assert.match(err, /^1 Ingress, 1 IngressRoute -> 2 HTTPProxies/);
    assert.match(await Deno.readTextFile(join(out, "shop.yaml")), /fqdn: shop.example.com/);
    assert.match(await Deno.readTextFile(join(out, "deep/shop.yaml")), /namespace: legacy/);
    assert.match(await Deno.readTextFile(join(folder, "report.md")), /^# Conversion\n/);
    assert.match(await Deno.readTextFile(tests), /url: "http:\/\/shop.example.com\/"/);
  }));

Deno.test("what was read is not written over", () =>
  inFolder(async (folder) => {
    const file = join(folder, "shop.yaml");
    await Deno.writeTextFile(file, shop);
    for (const flags of [["--out-dir", folder], ["--report", file], ["--tests", file]]) {
      const { code, err } = await commandLine(["convert", file, ...flags]);
      assert.equal(code, 2, flags.join(" "));
      assert.match(err, /is a file that was read/);
    }
    assert.equal(await Deno.readTextFile(file), shop);
  }));

Deno.test("the report is JSON that says both places", async () => {
  const { out, err } = await commandLine(["convert", "-", "--report-format", "json"], {
    readStdin: () => Promise.resolve(lossy),
  });
  const { version, notes, summary } = JSON.parse(err);
  assert.deepEqual([version, summary.unknown, summary.httpProxies], [1, 1, 1]);
  const [note] = notes.filter(({ verdict }: { verdict: string }) => verdict === "unknown");
  assert.deepEqual([note.file, note.line, note.path], [
    "<stdin>",
    7,
    'metadata.annotations["example.com/other"]',
  ]);
  const [{ line }] = note.targets;
  assert.equal(out.split("\n")[line - 1], "metadata:");
});

Deno.test("what cannot be read is code 2, and the rest is converted", () =>
  inFolder(async (folder) => {
    const broken: readonly (readonly [text: string | Uint8Array, err: RegExp])[] = [
      ["kind: [", /CTR001/],
      [shop.replace("pathType: Prefix", "pathType: Sideways"), /broken\.yaml:13:\d+: error\[CTR/],
      [`${shop}---\n${shop}`, /Ingress\/web\/shop is given twice/],
      [new Uint8Array([0xff, 0xfe, 0x00]), /UTF-8/],
      ["a: &a [*a]", /error/],
      ["a: 1\na: 2\n", /error/],
    ];
    await Deno.writeTextFile(join(folder, "good.yaml"), shop.replaceAll("shop", "good"));
    for (const [text, expected] of broken) {
      const file = join(folder, "broken.yaml");
      if (typeof text === "string") await Deno.writeTextFile(file, text);
      else await Deno.writeFile(file, text);
      const { code, out, err } = await commandLine(["convert", folder]);
      assert.equal(code, 2, String(text));
      assert.match(err, expected);
      assert.match(out, /fqdn: good.example.com/);
    }
    const missing = await commandLine(["convert", join(folder, "missing.yaml")]);
    assert.equal(missing.code, 2);
    assert.match(missing.err, /no such file/);
  }));

Deno.test("wrong calls say what was meant", async () => {
  const wrong: readonly (readonly [args: readonly string[], err: RegExp])[] = [
    [[], /name at least one file or folder/],
    [["x", "--provider", "nginx"], /Allowed choices are plain, contour, ingress-nginx/],
    [["x", "--default-certificate", "tls"], /A namespace and a name are needed/],
    [["x", "--strickt"], /Did you mean --strict/],
    [["x", "--report-format", "html"], /Allowed choices are text, json, markdown/],
  ];
  for (const [args, expected] of wrong) {
    const { code, err } = await commandLine(["convert", ...args]);
    assert.equal(code, 2);
    assert.match(err, expected);
  }
});

Deno.test("options change what is made", async () => {
  const hostless = shop.replace("- host: shop.example.com\n      http", "- http");
  const { out } = await commandLine(
    ["convert", "-", "--host", "a.example.com,b.example.com", "--target-class", "inner"],
    { readStdin: () => Promise.resolve(hostless) },
  );
  assert.deepEqual([...out.matchAll(/fqdn: (.*)/g)].map(([, fqdn]) => fqdn), [
    "a.example.com",
    "b.example.com",
  ]);
  assert.match(out, /ingressClassName: inner/);
  const other = await commandLine(["convert", "-", "--ingress-class", "nginx"], {
    readStdin: () => Promise.resolve(shop),
  });
  assert.equal(other.out, "");
  assert.match(other.err, /of other classes 1/);
});

Deno.test("the report that the page shows is the real one", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/convert.md", import.meta.url));
  const text = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: web
  annotations:
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
    nginx.ingress.kubernetes.io/limit-rps: "10"
    nginx.ingress.kubernetes.io/proxy-body-siz: 8m
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: shop, port: { number: 80 } } }
`;
  const conversion = convert([{ file: "ingress.yaml", text }]);
  const report = conversionReport(conversion, "text");
  assert.ok(page.includes(`\`\`\`\n${report}\`\`\`\n`), report);
});

Deno.test("the table of annotations is what the code says", async () => {
  const page = new URL("../../docs/convert-annotations.md", import.meta.url);
  assert.equal(await Deno.readTextFile(page), generateConvert());
});
