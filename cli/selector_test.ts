import assert from "node:assert/strict";
import { commandLine } from "../tests/support/command_line.ts";
import { parts } from "./main.ts";

const routes = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop, labels: { app: shop } }
spec:
  virtualhost: { fqdn: shop.example.com }
  includes: [{ name: nothing }]
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: blog, labels: { app: blog } }
spec:
  virtualhost: { fqdn: blog.example.com }
  includes: [{ name: nothing }]
`;

const contour = (...args: string[]) =>
  commandLine(args, { readStdin: () => Promise.resolve(routes), parts });

Deno.test("-l chooses among the objects of files, too", async () => {
  const all = await contour("lint", "-o", "json", "-");
  assert.equal(JSON.parse(all.out).summary.error, 2);
  const some = await contour("lint", "-o", "json", "-l", "app=shop", "-");
  const { summary, diagnostics } = JSON.parse(some.out);
  assert.deepEqual([summary.error, summary.objects], [1, 1]);
  assert.equal(diagnostics[0].object, "HTTPProxy/default/shop");
  const none = await contour("lint", "-l", "app=nothing", "-");
  assert.deepEqual([none.code, none.out], [0, ""]);
  const status = await contour("status", "-l", "app=blog", "-");
  assert.match(status.out, /blog\.example\.com/);
  assert.doesNotMatch(status.out, /shop\.example\.com/);
});

Deno.test("-l is refused where it would lead to a wrong answer", async () => {
  const refused: readonly (readonly [args: readonly string[], err: RegExp])[] = [
    [["explain", "-l", "app=shop", "http://x.test/", "-"], /A request meets all objects there are/],
    [["test", "-l", "app=shop", "x.yaml", "-f", "-"], /A request meets all objects there are/],
    [["convert", "-l", "app=shop", "-"], /leave the files out/],
    [["diff", "-l", "app=shop", "a", "b"], /name one with --context/],
    [["lint", "--fix", "-l", "app=shop", "-"], /files are mended whole/],
  ];
  for (const [args, expected] of refused) {
    const { code, out, err } = await contour(...args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, expected);
  }
  assert.doesNotMatch((await contour("explain", "--help")).out, /--selector/);
  assert.match((await contour("lint", "--help")).out, /--selector/);
});
