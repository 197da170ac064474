/** What newcomers do wrong, and what they are told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../tests/support/command_line.ts";
import { parts } from "./main.ts";

const proxy = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop }
spec:
  virtualhost: { fqdn: shop.example.com }
  routes: [{ services: [{ name: shop, port: 80 }] }]
`;

/** A folder with files, by their paths; gone at the end. */
async function folderOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await Deno.makeTempDir({ prefix: "contour-mistakes-" });
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes);
  }
  return {
    at: (name: string) => join(folder, name),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const contour = (...args: string[]) => commandLine(args, { parts });

Deno.test("a wrong call says what would be right, and is code 2", async () => {
  const wrong: readonly (readonly [call: string, err: RegExp])[] = [
    ["explain", /^error: name a URL: contour explain https:/],
    ["explain GET", /name a URL behind the method GET/],
    ["explain http://", /names no host/],
    ["explain ftp://x p.yaml", /no URL of http or https/],
    ["lint", /name at least one file or folder, or - for stdin, or a cluster/],
    ["lint -k overlays/prod", /kubectl kustomize overlays\/prod \| contour lint -/],
    ["status --kustomize x", /kubectl kustomize x \| contour status -/],
    ["lint --contxt prod", /Did you mean --context\?/],
    ["lint --select CTR9 x", /option '--select <codes>' argument 'CTR9' is invalid. There is no/],
    ["lint --kubeconfig no-such-file", /Cannot read kubeconfig "no-such-file": no such file/],
    ["lint p.yaml -o xml", /Allowed choices are text, concise, json/],
    ["test", /missing required argument 'file'/],
    ["test x.yaml", /name the objects with -f, or a cluster with --context/],
    ["diff", /name two sides/],
    ["diff one", /name what to compare "one" with/],
    ["help lnt", /unknown command 'lnt'\n\(Did you mean lint\?\)/],
    ["plugins bogus", /unknown command 'bogus': there are crds, new, check/],
    ["envoy bogus", /unknown command 'bogus'/],
    ["completion tcsh", /Allowed choices are bash, zsh, fish, powershell/],
    ["bootstrap --admin-address admin", /argument 'admin' is invalid. Either host:port/],
    ["serve routes --envoy-admin-address admin", /argument 'admin' is invalid. Either host:port/],
    ["envoy shutdown --admin-address admin", /argument 'admin' is invalid. Either host:port/],
    ["envoy shutdown --drain-delay soon", /A duration is needed/],
  ];
  for (const [call, expected] of wrong) {
    const { code, out, err } = await contour(...call.split(" "));
    assert.match(err, expected, call);
    assert.deepEqual([code, out], [2, ""], call);
  }
});

Deno.test("a side that is not there is no side on which all is lost", async () => {
  await using files = await folderOf({ "p.yaml": proxy });
  for (
    const [missing, words] of [[files.at("none.yaml"), /folder$/], ["nope", /revision of git$/]]
  ) {
    for (const sides of [[files.at("p.yaml"), missing], [missing, files.at("p.yaml")]]) {
      const { code, out, err } = await contour("diff", ...sides as string[]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err.trim(), words as RegExp);
    }
  }
});

Deno.test("files that are none of ours are told for what they are", async () => {
  const utf16 = Uint8Array.from([0xff, 0xfe, ...[...proxy].flatMap((c) => [c.charCodeAt(0), 0])]);
  await using files = await folderOf({
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "replicas: 2\n",
    "chart/templates/p.yaml": `${proxy}{{- if .Values.tls }}\n{{- end }}\n`,
    "utf16.yaml": utf16,
    "kustomize/kustomization.yaml": "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1\n",
    "folder.yaml/p.yaml": proxy,
    "crlf.yaml": proxy.replaceAll("\n", "\r\n"),
    "bom.yaml": `\ufeff${proxy}`,
    "list.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }),
    "array.json": "[]",
    "several.yaml": `${proxy}---\na: [1\n---\n${proxy.replaceAll("shop", "blog")}`,
    "notes.txt": "hello",
  });
  const told = async (name: string) => (await contour("lint", "-o", "text", files.at(name))).out;
  const chart = await told("chart");
  assert.equal(chart.match(/It is part of a Helm chart: .*helm template/g)?.length, 2, chart);
  assert.match(chart, /It looks like a template: .*helm template/);
  assert.match(await told("utf16.yaml"), /It is UTF-16, .*: save it as UTF-8/);
  assert.match(await told("kustomize"), /^Nothing to look at in 1 file: no object of a kind/);
  for (const name of ["folder.yaml", "crlf.yaml", "bom.yaml"]) {
    assert.match(await told(name), /^No problems in 1 file \(1 object\)/, name);
  }
  assert.match(await told("list.json"), /^Nothing to look at in 1 file/);
  assert.match(await told("array.json"), /a document has to be an object with apiVersion and kind/);
  assert.match(await told("several.yaml"), /1 error in 1 file \(2 objects\)/);
  assert.match(await told("notes.txt"), /a document has to be an object/);
  assert.match(await told("none*.yaml"), /The shell found no file that this stands for/);
  assert.match(await told("chart\\values.yaml"), /Folders are parted by \//);
  const url = await contour("lint", "-o", "text", "https://example.com/routes.yaml");
  assert.equal(url.code, 2);
  assert.match(url.out, /Nothing is fetched: .*curl -sL URL \| contour lint -/);
});

Deno.test("what is written where nothing can be is told with the path", async () => {
  const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }
`;
  await using files = await folderOf({ "in/ingress.yaml": ingress, "file": "" });
  for (const flag of ["--out-dir", "--report", "--tests"]) {
    const place = files.at("file/below");
    const { code, err } = await contour("convert", files.at("in"), "-q", flag, place);
    assert.equal(code, 2, flag);
    assert.match(
      err,
      /^error: Cannot write ".*file\/below.*": a file is in the way of its folder\n/,
    );
  }
});

Deno.test("the beginning of a code explains what begins with it", async () => {
  const { code, out } = await contour("lint", "--explain", "ctr40");
  assert.equal(code, 0);
  const lines = out.trimEnd().split("\n");
  assert.ok(lines.length > 5 && lines.every((line) => line.startsWith("CTR40")), out);
});

Deno.test("help shows examples first, fits its width, and is silent about what is off", async () => {
  for (const command of ["", "lint", "convert", "diff", "explain", "test", "status", "serve"]) {
    const { out } = await commandLine([...command === "" ? [] : [command], "--help"], {
      columns: 80,
    });
    assert.match(out, /^Usage: [^]*\n\nExamples:\n {2}contour [^]*\n\n(Arguments|Options):\n/);
    assert.doesNotMatch(out, /default: false/);
    const examples = out.slice(out.indexOf("\nExamples:"), out.search(/\n(Arguments|Options):/));
    for (const line of out.replace(examples, "").split("\n")) {
      assert.ok(line.length <= 80, `${command}: ${line}`);
    }
  }
});
