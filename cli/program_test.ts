import assert from "node:assert/strict";
import { join } from "node:path";
import type { Terminal } from "../command_line/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";
import { localConfiguration } from "../controller/local_configuration.ts";
import type { ServeOptions, Started } from "../controller/serve_options.ts";
import { commands } from "./commands.ts";
import type { Parts } from "./parts.ts";
import { run } from "./program.ts";

Deno.test("help is data, and so is nothing at all", async () => {
  for (const args of [[], ["--help"], ["help"]]) {
    const { code, out, err } = await contour(args);
    assert.equal(code, 0);
    assert.match(out, /^Usage: contour/);
    assert.match(out, /serve/);
    assert.equal(err, "");
  }
  const { code, out } = await contour(["serve", "--help"]);
  assert.equal(code, 0);
  assert.match(out, /--envoy-service-http-port <port> .*\(default: 8080\)/);
});

Deno.test("the list of commands says of each what it says itself", async () => {
  for (const { name, usage, summary } of commands) {
    const { out } = await contour([name, "--help"]);
    const [first, ...rest] = out.split("\n");
    // That there is --help is not worth a word in the list.
    const words = (text: string) => text.replace("[options] ", "");
    assert.equal(words(first ?? ""), words(`Usage: contour ${name} ${usage}`));
    assert.ok(rest.join(" ").trimStart().startsWith(summary), name);
  }
});

Deno.test("to list the commands none of them is read", async () => {
  assert.deepEqual(await readFor("main.ts"), ["commander", "net", "process", "version"]);
});

Deno.test("to list its flags a command reads nothing of what it does", async () => {
  const needed = ["commander", "net", "process"];
  for (const folder of [".", ...foldersOfPlugins("commands")]) {
    for (const { name } of Deno.readDirSync(new URL(folder, import.meta.url))) {
      if (!name.endsWith("_run.ts")) continue;
      const command = `${folder}/${name.replace("_run.ts", ".ts")}`;
      const others = (await readFor(command)).filter((name) => !needed.includes(name));
      assert.deepEqual(others, [], command);
    }
  }
});

/** Those of this name that plugins in the box have. */
function foldersOfPlugins(name: string): readonly string[] {
  const plugins = new URL("../plugins/", import.meta.url);
  return Array.from(Deno.readDirSync(plugins)).flatMap((plugin) =>
    plugin.isDirectory &&
      Array.from(Deno.readDirSync(new URL(plugin.name, plugins))).some((each) => each.name === name)
      ? [`../plugins/${plugin.name}/${name}`]
      : []
  );
}

/** What is read beside commands of the rest of the tree, and of others, when a file is. */
async function readFor(file: string): Promise<readonly string[]> {
  const main = new URL(file, import.meta.url).href;
  const info = new Deno.Command(Deno.execPath(), { args: ["info", "--json", main] });
  const { modules }: { readonly modules: readonly Module[] } = JSON.parse(
    new TextDecoder().decode((await info.output()).stdout),
  );
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const read = new Set([main]);
  for (const name of read) {
    for (const { isDynamic, code } of byName.get(name)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier !== undefined) read.add(code.specifier);
    }
  }
  const folders = [".", "../command_line/"].map((path) => new URL(path, import.meta.url).href);
  const entries = /\/plugins\/(mod|\w+\/entry|\w+\/commands\/\w+)\.ts$/;
  const others = [...read].filter((name) =>
    !entries.test(name) && !folders.some((folder) => name.startsWith(folder))
  );
  return others.map((name) => name.replace(/^.*[/:](\w+)(@.*|\.ts)?$/, "$1")).sort();
}

/** A module of `deno info`. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    /** Absent: types alone are imported. */
    readonly code?: { readonly specifier?: string };
  }[];
}

Deno.test("a wrong call is told with what was meant, and is code 2", async () => {
  const wrong: [args: string[], err: RegExp][] = [
    [["srve"], /unknown command 'srve'\n\(Did you mean serve\?\)/],
    [
      ["serve", "routes", "--xds-prt", "1"],
      /unknown option '--xds-prt'\n\(Did you mean --xds-port\?\)/,
    ],
    [["serve", "routes", "--xds-port", "http"], /'--xds-port <port>' argument 'http' is invalid/],
    [["serve", "routes", "--xds-layout", "wide"], /Allowed choices are scoped, flat/],
    [["serve", "routes", "--http-address", "localhost"], /An IP address is needed/],
    [["serve", "routes", "--http-port", "8001"], /cannot both use 127.0.0.1:8001/],
    [["serve", "routes", "--incluster"], /name files or a cluster, not both/],
    [["serve", "--envoy"], /spoken to without TLS: add --insecure/],
    [["serve", "--disable-feature", "ingresses"], /there are extensionservices,/],
    [["serve", "--leader-election-lease-duration", "15"], /A duration is needed/],
    [["serve", "routes", "--envoy-path", "envoy"], /of use with --envoy only/],
    [["serve", "-"], /standard input cannot be followed/],
    [["status"], /name at least one file or folder/],
    [["status", ".", "-o", "xml"], /Allowed choices are table, yaml, json/],
    [["bootstrap", "--envoy-cafile", "ca.crt"], /give all three or none/],
    [["completion", "csh"], /Allowed choices are bash, zsh, fish, powershell/],
  ];
  for (const [args, expected] of wrong) {
    const { code, out, err } = await contour(args);
    assert.match(err, expected, args.join(" "));
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
  }
});

Deno.test("serve with files and no flags stays on this machine", async () => {
  assert.deepEqual(await served("routes"), {
    source: { kind: "files", paths: ["routes"], namespace: "default" },
    configuration: localConfiguration(),
    envoy: { kind: "external" },
    layout: "scoped",
  });
});

Deno.test("every flag of serve for files arrives", async () => {
  const args = "routes -f more.yaml --filename last -R -n team --envoy --envoy-path /bin/envoy " +
    "--xds-address 0.0.0.0 --xds-port 1 --insecure --http-address 0.0.0.1 --http-port 2 " +
    "--envoy-service-http-address 0.0.0.2 --envoy-service-http-port 3 " +
    "--envoy-service-https-address 0.0.0.3 --envoy-service-https-port 4 " +
    "--stats-address ::1 --stats-port 5 --envoy-admin-address [::1]:9001 --xds-layout flat " +
    "--ingress-class-name a,b --root-namespaces c --log-format json -d";
  const local = localConfiguration({
    xds: { address: "0.0.0.0", port: 1 },
    http: { address: "0.0.0.1", port: 2 },
    envoyHttp: { address: "0.0.0.2", port: 3 },
    envoyHttps: { address: "0.0.0.3", port: 4 },
    stats: { address: "::1", port: 5 },
  });
  assert.deepEqual(await served(...args.split(" ")), {
    source: { kind: "files", paths: ["routes", "more.yaml", "last"], namespace: "team" },
    configuration: { ...local, ingressClassNames: ["a", "b"], rootNamespaces: ["c"] },
    envoy: { kind: "managed", path: "/bin/envoy" },
    envoyAdmin: { address: "::1", port: 9001 },
    layout: "flat",
  });
});

Deno.test("TLS towards Envoys is left out with files on this machine alone, unless asked for", async () => {
  const isInsecure = async (...args: string[]) =>
    (await served("routes", ...args))?.configuration.xds.insecure;
  assert.equal(await isInsecure(), true);
  assert.equal(await isInsecure("--xds-address", "0.0.0.0"), false);
  assert.equal(await isInsecure("--xds-address", "0.0.0.0", "--insecure"), true);
  assert.equal(await isInsecure("--contour-cafile", "ca.crt"), false);
  assert.equal(await isInsecure("--no-insecure"), false);
});

Deno.test("port 0 is any free port, of health and debugging too where metrics go", async () => {
  const args = "routes --xds-port 0 --http-port 0 --stats-port 0 --envoy-service-http-port 0";
  const { configuration } = await served(...args.split(" ")) ?? {};
  assert.equal(configuration?.xds.port, 0);
  assert.equal(configuration.metrics.port, 0);
  assert.equal(configuration.health.port, 0);
  assert.equal(configuration.debug.port, 0);
  assert.equal(configuration.envoy.metrics.port, 0);
  assert.equal(configuration.envoy.health.port, 0);
  assert.equal(configuration.envoy.http.port, 0);
  assert.equal(configuration.envoy.https.port, 8443);
});

Deno.test("without paths it is a cluster, with the defaults and flags of Contour", async () => {
  const usual = await served();
  assert.deepEqual(usual?.source, {
    kind: "cluster",
    access: { inCluster: false },
    watchNamespaces: [],
    disabledKinds: [],
    election: {
      namespace: "projectcontour",
      name: "leader-elect",
      timing: { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 },
    },
  });
  const { xds, health, metrics, debug, envoy } = usual.configuration;
  assert.deepEqual(
    [xds, health, metrics, debug, envoy.http].map(({ address, port }) => `${address}:${port}`),
    ["127.0.0.1:8001", "0.0.0.0:8000", "0.0.0.0:8000", "127.0.0.1:6060", "0.0.0.0:8080"],
  );
  assert.equal(xds.insecure, false);

  const args = "--incluster --watch-namespaces a,b --root-namespaces a " +
    "--disable-feature extensionservices --disable-feature tlsroutes " +
    "--kubernetes-client-qps 50 --kubernetes-client-burst 100 --kubernetes-debug 6 " +
    "--leader-election-lease-duration 4s --leader-election-renew-deadline 3s " +
    "--leader-election-retry-period 500ms --leader-election-resource-name l " +
    "--leader-election-resource-namespace edge --http-port 9000 --no-debug";
  const told = await served(...args.split(" "));
  assert.deepEqual(told?.source, {
    kind: "cluster",
    access: { inCluster: true, limit: { qps: 50, burst: 100 } },
    watchNamespaces: ["a", "b"],
    disabledKinds: ["ExtensionService"],
    election: {
      namespace: "edge",
      name: "l",
      timing: { leaseDurationMs: 4_000, renewDeadlineMs: 3_000, retryPeriodMs: 500 },
    },
  });
  assert.equal(told.configuration.metrics.port, 9_000);
  assert.equal(told.configuration.health.port, 8_000);
  const alone = await served("--disable-leader-election", "--kubeconfig", "k");
  assert.ok(alone?.source.kind === "cluster");
  assert.equal(alone.source.election, undefined);
  assert.deepEqual(alone.source.access, { inCluster: false, kubeconfig: "k" });
});

Deno.test("a configuration that is wrong is told with its place, and is code 1", async () => {
  const file = await Deno.makeTempFile({ prefix: "contour-cli-", suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, "accesslog-format: envoy\ntimeouts: {request-timeout: soon}\n");
    const wrong = await contour(["serve", "routes", "-c", file]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, new RegExp(`^${file}:2:29: error\\[`));
    await Deno.writeTextFile(file, "incluster: true\nkubernetesClientQPS: 3\ndebug: true\n");
    const { source } = await served("-c", file) ?? {};
    assert.ok(source?.kind === "cluster");
    assert.deepEqual(source.access, { inCluster: true, limit: { qps: 3, burst: 10 } });
    const both = await contour(["serve", "--watch-namespaces", "a", "--root-namespaces", "b"]);
    assert.equal(both.code, 1);
    assert.match(both.err, /^error: "b" is the root namespace, but not among the watched/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("serve says what it found and what to do next", async () => {
  const { code, out, err } = await contour(["serve", "routes"]);
  assert.equal(code, 0);
  assert.equal(out, "");
  const lines = err.trimEnd().split("\n").map((line) => line.replace(/^time=\S+ /, ""));
  assert.deepEqual(lines, [
    'level=info msg="Read files" files=2 objects=7 errors=1',
    "level=info msg=Listening xds=127.0.0.1:8001 metrics=http://127.0.0.1:8000/metrics ready=http://127.0.0.1:8000/readyz debug=http://127.0.0.1:8000/debug/dag",
    'level=info msg="Start an Envoy, or let --envoy do it" command="envoy -c /tmp/b.json" bootstrap=/tmp/b.json http=http://127.0.0.1:8080 https=https://127.0.0.1:8443 stats=http://127.0.0.1:8002/stats/prometheus',
    "level=info msg=Ready",
  ]);
});

Deno.test("serve that cannot start says why, and is code 1", async () => {
  const parts: Parts = {
    ...fakeParts,
    serve: () => {
      const failure = () => Promise.reject(new Error("Cannot serve xDS on 127.0.0.1:8001"));
      return Promise.resolve({
        started: failure(),
        ready: failure(),
        done: failure(),
        explain: () => undefined,
      });
    },
  };
  const { code, err } = await contour(["serve", "routes"], { parts });
  assert.equal(code, 1);
  assert.equal(err, "error: Cannot serve xDS on 127.0.0.1:8001\n");
});

Deno.test("status prints what kubectl would, and problems with their places", async () => {
  const { code, out, err } = await contour(["status", "-n", "web", "-"], { stdin: proxies });
  assert.equal(
    out.replace(/unknown field .*/, "unknown field"),
    `NAMESPACE   NAME   FQDN        TLS SECRET   STATUS     STATUS DESCRIPTION
web         bad                             rejected   unknown field
web         lost                            orphaned   this HTTPProxy is not part of a delegation chain from a root HTTPProxy
web         shop   shop.test   cert         valid      Valid HTTPProxy
`,
  );
  assert.match(
    err,
    /^<stdin>:13:3: error\[CTR003\] .*rotues.* \(HTTPProxy\/web\/bad spec.rotues\)$/m,
  );
  assert.match(
    err,
    /^<stdin>:15:1: error\[CTR115\] this HTTPProxy .* \(HTTPProxy\/web\/lost\)$/m,
  );
  assert.match(err, /\n2 errors, 0 warnings in 1 file \(2 objects\)\n$/);
  assert.equal(code, 1);
});

Deno.test("status is silent about what is passed over unless asked", async () => {
  const stdin = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n";
  assert.doesNotMatch((await contour(["status", "-"], { stdin })).err, /Deployment/);
  const { code, err } = await contour(["status", "-v", "-"], { stdin });
  assert.match(err, /^<stdin>:2:7: info\[CTR010\] .*Deployment/);
  assert.equal(code, 0);
});

Deno.test("status as json and yaml is a List of what a cluster holds", async () => {
  const { out } = await contour(["status", "-n", "web", "-o", "json", "-"], { stdin: proxies });
  const list = JSON.parse(out);
  assert.equal(list.kind, "List");
  assert.deepEqual(list.items.map((item: { metadata: unknown }) => item.metadata), [
    { namespace: "web", name: "lost" },
    { namespace: "web", name: "shop" },
  ]);
  const yaml = await contour(["status", "-n", "web", "-o", "yaml", "-"], { stdin: proxies });
  assert.match(
    yaml.out,
    /^apiVersion: v1\nkind: List\nitems:\n {2}- apiVersion: projectcontour.io\/v1\n/,
  );
});

Deno.test("status of nothing is still data", async () => {
  const { code, out, err } = await contour(["status", "-o", "json", "-"], { stdin: "# nothing\n" });
  assert.deepEqual(JSON.parse(out).items, []);
  assert.equal(err, "No HTTPProxy found\n");
  assert.equal(code, 0);
});

Deno.test("status of a path that is not there is code 1", async () => {
  const { code, err } = await contour(["status", "no-such-folder"]);
  assert.match(err, /^no-such-folder:1:1: error\[CTR015\] Cannot read "no-such-folder"/);
  assert.equal(code, 1);
});

Deno.test("colours are for terminals, and for those who ask", async () => {
  const colored = async (args: string[], options: Partial<Terminal> = {}) =>
    (await contour(["status", "-", ...args], { stdin: proxies, ...options })).out.includes("\x1b[");
  assert.equal(await colored([]), false);
  assert.equal(await colored(["--color=always"]), true);
  assert.equal(await colored([], { outIsTerminal: true }), true);
  assert.equal(await colored(["--no-color"], { outIsTerminal: true }), false);
  const env = (name: string) => name === "NO_COLOR" ? "1" : undefined;
  assert.equal(await colored([], { outIsTerminal: true, env }), false);
  assert.equal(await colored(["--color", "always"], { outIsTerminal: true, env }), true);
});

Deno.test("bootstrap is written where asked", async () => {
  const flags = ["--xds-address", "contour", "--xds-port", "18001", "--admin-address", "/a.sock"];
  const { code, out } = await contour(["bootstrap", ...flags]);
  assert.equal(code, 0);
  const written = JSON.stringify(JSON.parse(out));
  assert.match(written, /"address":"contour","port_?[vV]alue":18001/);
  assert.match(written, /"path":"\/a.sock"/);

  const folder = await Deno.makeTempDir({ prefix: "contour-cli-" });
  try {
    const path = join(folder, "envoy.json");
    const toFile = await contour(["bootstrap", path, ...flags]);
    assert.equal(toFile.out, "");
    assert.equal(await Deno.readTextFile(path), out);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("version says what goes with it", async () => {
  const { out } = await contour(["version", "-o", "json"]);
  const version = JSON.parse(out);
  assert.deepEqual(Object.keys(version), ["version", "envoy", "apis"]);
  assert.equal((await contour(["--version"])).out, `${version.version}\n`);
  assert.match((await contour(["version"])).out, /^contour \d/);
});

Deno.test("completion prints a script for each shell, which asks us", async () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { code, out } = await contour(["completion", shell]);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`__complete ${shell} `));
  }
  const { code, err } = await contour(["completion"]);
  assert.equal(code, 2);
  assert.match(err, /name your shell: contour completion bash\|zsh\|fish\|powershell\n$/);
});

Deno.test("what completes is no command for people", async () => {
  assert.doesNotMatch((await contour(["--help"])).out, /__complete/);
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Options extends Partial<Terminal> {
  readonly stdin?: string;
  readonly parts?: Parts;
}

async function contour(args: string[], options: Options = {}): Promise<Outcome> {
  const { stdin = "", parts = fakeParts, ...terminal } = options;
  const written = { out: "", err: "" };
  const code = await run(args, {
    out: (text) => written.out += text,
    err: (text) => written.err += text,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 120,
    env: () => undefined,
    readStdin: () => Promise.resolve(stdin),
    interrupted: () => new AbortController().signal,
    ...terminal,
  }, parts);
  return { code, ...written };
}

/** The options that reach `serve`. */
async function served(...args: string[]): Promise<ServeOptions | undefined> {
  const seen: ServeOptions[] = [];
  const parts: Parts = {
    ...fakeParts,
    serve: (options, context, plugins) => {
      seen.push(options);
      return fakeParts.serve(options, context, plugins);
    },
  };
  const { code } = await contour(["serve", ...args], { parts });
  assert.equal(code, 0);
  return seen[0];
}

const fakeParts: Parts = {
  contourConfiguration: () => Promise.reject(new Error("There is no cluster")),
  secrets: () => Promise.reject(new Error("There is no cluster")),
  serve: ({ configuration: { xds, metrics, health, debug, envoy } }) => {
    const started: Started = {
      addresses: {
        xds,
        http: metrics,
        health,
        debug,
        envoyHttp: envoy.http,
        envoyHttps: envoy.https,
        stats: envoy.metrics,
      },
      files: 2,
      objects: 7,
      diagnostics: [{
        code: "CTR003",
        severity: "error",
        path: "",
        position: { file: "routes/a.yaml", line: 3, column: 1, endLine: 3, endColumn: 2 },
        message: "no such field",
      }],
      envoy: {
        kind: "external",
        bootstrapFile: "/tmp/b.json",
        command: ["envoy", "-c", "/tmp/b.json"],
      },
    };
    const ready = Promise.resolve();
    const done = new Promise<void>((resolve) => setTimeout(resolve, 0));
    return Promise.resolve({
      started: Promise.resolve(started),
      ready,
      done,
      explain: () => undefined,
    });
  },
  statuses: (objects) =>
    Promise.resolve(objects.flatMap((object): ObjectStatus[] => {
      if (object.kind !== "HTTPProxy") return [];
      const key = {
        kind: object.kind,
        namespace: object.metadata.namespace,
        name: object.metadata.name,
      };
      if (object.spec.virtualhost !== undefined) {
        const message = "Valid HTTPProxy";
        return [{
          key,
          diagnostics: [],
          status: {
            currentStatus: "valid",
            description: message,
            conditions: [{ type: "Valid", status: "True", reason: "Valid", message }],
          },
        }];
      }
      const condition = { type: "Orphaned", reason: "Orphaned" };
      const message = "this HTTPProxy is not part of a delegation chain from a root HTTPProxy";
      return [{
        key,
        diagnostics: [
          { code: "CTR115", severity: "error", object: key, path: "", message, condition },
        ],
        status: {
          currentStatus: "orphaned",
          description: message,
          conditions: [{
            type: "Valid",
            status: "False",
            reason: "ErrorPresent",
            message: "At least one error present, see Errors for details",
            errors: [{ ...condition, status: "True", message }],
          }],
        },
      }];
    })),
};

const proxies = `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop}
spec:
  virtualhost: {fqdn: shop.test, tls: {secretName: cert}}
  routes:
  - services: [{name: shop, port: 80}]
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: bad}
spec:
  rotues: []
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: lost}
spec:
  routes:
  - services: [{name: shop, port: 80}]
`;
