/** `contour explain`, as a person reads it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { commandLine } from "../support/command_line.ts";

const quickstart = fileURLToPath(new URL("../../manifests/examples/quickstart", import.meta.url));

async function explained(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const { code, out } = await commandLine(["explain", ...args, quickstart]);
  // How wide a column is depends on where the files lie.
  return { code, out: out.replaceAll(`${quickstart}/`, "").replace(/(?<=\S) {2,}/g, "  ") };
}

Deno.test("the winner with its way, and each loser with its reason", async () => {
  assert.deepEqual(await explained("http://shop.localhost/catalog/shoes"), {
    code: 0,
    out: `GET http://shop.localhost/catalog/shoes
-> team-catalog/catalog-v1:80  90%  (endpoints not in the files)
   team-catalog/catalog-v2:80  10%  (endpoints not in the files)
rule  team-catalog.yaml:9  HTTPProxy/team-catalog/catalog  prefix /catalog  included by shop.yaml:12  HTTPProxy/platform/shop  prefix /catalog
timeout  15s
response  set X-Team: catalog
lost to it:
  shop.yaml:27  prefix /  comes after the winner: shorter prefix
  team-catalog.yaml:21  prefix /catalog, header x-preview is "yes"  header x-preview absent from the request
  shop.yaml:22  exact /products  path is not /products
  team-checkout.yaml:9  prefix /checkout/  path has no prefix /checkout/
`,
  });
});

Deno.test("a header changes the winner, a redirect is told with its location", async () => {
  const preview = await explained("GET", "http://shop.localhost/catalog", "-H", "x-preview: yes");
  assert.equal(preview.code, 0);
  assert.match(preview.out, /^rule {2}team-catalog\.yaml:21 /m);
  const redirect = await explained("http://shop.localhost/products");
  assert.equal(redirect.code, 0);
  assert.match(redirect.out, /^-> 30\d .*\/catalog$/m);
  assert.match(redirect.out, /^rule {2}shop\.yaml:22 /m);
});

Deno.test("who asks nobody's host hears which hosts there are, and gets code 1", async () => {
  const { code, out } = await explained("http://shpo.localhost/");
  assert.equal(code, 1);
  assert.match(out, /shop\.localhost/);
});

Deno.test("json is the same as data", async () => {
  const { code, out } = await explained("-o", "json", "http://shop.localhost/");
  assert.equal(code, 0);
  const { rule, outcome } = JSON.parse(out);
  assert.equal(rule.object, "HTTPProxy/platform/shop");
  assert.equal(outcome.kind, "forward");
});

Deno.test("a question that is none is a wrong call", async () => {
  const wrong = [["ftp://shop.localhost/"], ["GET"], ["http://shop.localhost/", "-H", "nonsense"]];
  for (const args of wrong) {
    const { code } = await commandLine(["explain", ...args, quickstart]);
    assert.equal(code, 2, args.join(" "));
  }
});
