import { join } from "node:path";
import { parseArgs } from "node:util";
import type { KubeObject, ObjectKey, Position } from "../../controller/api/mod.ts";
import { readFiles } from "../../controller/files/mod.ts";
import { Explainer, parseAsked } from "../../explain/mod.ts";
import { machine } from "./machine.ts";
import { publish } from "./publish.ts";
import { markdownTable, quantile } from "./table.ts";

/**
 * What a person waits for at the command line: start-up to `--help`, and `lint` of one and of many
 * HTTPProxies in a file each, cold: `--files 5000 --runs 5 --binary dist/contour --save NAME`. Without a
 * binary the source is run. Objects a second count from the start-up on. `explain` is measured from
 * where the objects of all files are read.
 */
export async function benchCli(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: "string", default: "5000" },
      runs: { type: "string", default: "5" },
      binary: { type: "string" },
      save: { type: "string" },
    },
  });
  const [files, runs] = [Number(values.files), Number(values.runs)];
  const command = values.binary === undefined
    ? [Deno.execPath(), "run", "-A", "cli/main.ts"]
    : [values.binary];
  const folder = await Deno.makeTempDir({ prefix: "contour-bench-cli-" });
  try {
    for (let i = 0; i < files; i++) {
      await Deno.writeTextFile(join(folder, `shop-${i}.yaml`), manifest(i));
    }
    const help: number[] = [];
    const startUp: number[] = [];
    const lint: number[] = [];
    const explained: number[] = [];
    const { objects, locate } = await readFiles({ paths: [folder], namespace: "default" });
    for (let run = 0; run < runs; run++) {
      help.push(await timed([...command, "--help"]));
      startUp.push(await timed([...command, "lint", "-q", join(folder, "shop-0.yaml")]));
      lint.push(await timed([...command, "lint", "-q", folder]));
      explained.push(explainMs(objects, locate));
    }
    const [startUpMs, lintMs] = [quantile(startUp, 0.5), quantile(lint, 0.5)];
    // What a command is made of is read when it is called, so its start-up is that of one file.
    const perSecond = (files - 1) / ((lintMs - startUpMs) / 1000);
    const row = (what: string, ms: readonly number[], rate = "") => [
      what,
      `${quantile(ms, 0.5).toFixed(0)} ms`,
      `${Math.min(...ms).toFixed(0)} ms`,
      rate,
    ];
    const table = markdownTable(
      ["what", "median", "fastest", "objects a second"],
      [
        row("--help", help),
        row("lint of one file", startUp),
        row(`lint of ${files} files`, lint, perSecond.toFixed(0)),
        row(`explain, ${files} files beyond reading`, explained),
      ],
    );
    const how = values.binary === undefined ? "from source" : "compiled";
    await publish([`The command line, ${how}`, await machine(), table].join("\n\n"), values.save);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Milliseconds from the objects of files to what is said of a request, and of one for a wrong host. */
function explainMs(
  objects: readonly KubeObject[],
  locate: (key: ObjectKey, path: string) => Position | undefined,
): number {
  const begin = performance.now();
  const explainer = new Explainer({ objects, locate });
  const { rule } = explainer.explain(parseAsked({ url: "http://shop-1.example.com/api/users" }));
  explainer.explain(parseAsked({ url: "http://shp-1.example.com/" }));
  if (rule === undefined) throw new Error("Cannot measure: no rule takes the request");
  return performance.now() - begin;
}

/** Milliseconds that a process takes from its start to its end; it has to end well. */
async function timed([program = "", ...args]: readonly string[]): Promise<number> {
  const begin = performance.now();
  const { success, stderr } = await new Deno.Command(program, {
    args,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot run: ${new TextDecoder().decode(stderr)}`);
  return performance.now() - begin;
}

/** A root with three routes of the usual kind. */
function manifest(index: number): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata:
  name: shop-${index}
  namespace: team-${index % 50}
spec:
  virtualhost:
    fqdn: shop-${index}.example.com
  routes:
    - services:
        - name: shop
          port: 80
    - conditions:
        - prefix: /api
        - header:
            name: x-version
            exact: "2"
      timeoutPolicy:
        response: 10s
      retryPolicy:
        count: 2
        perTryTimeout: 2s
      services:
        - name: api-v1
          port: 80
          weight: 90
        - name: api-v2
          port: 80
          weight: 10
    - conditions:
        - prefix: /old
      requestRedirectPolicy:
        path: /new
        statusCode: 301
`;
}
