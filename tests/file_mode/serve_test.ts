/** `contour serve` as people run it: a process with flags, ports and signals. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { envoyBinary } from "../../controller/data_plane/mod.ts";
import { type ListenPlace, listenPlace } from "../support/envoy.ts";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";
import { contourCommand, isAlive, runToEnd, startContour } from "../support/contour_process.ts";
import { answering } from "./manifests.ts";

Deno.test("it is ready when Envoy is, tells of itself, restarts Envoy, and ends with it", async () => {
  await inFolder(async (folder) => {
    const place = listenPlace();
    const [http, stats] = [endpoint(), endpoint()];
    await using contour = startContour([
      ...["serve", folder, "--envoy", ...flagsFor(place)],
      ...["--http-address", http.address, "--http-port", http.port],
      ...["--stats-address", stats.address, "--stats-port", stats.port],
    ]);
    const admin = `http://${http.address}:${http.port}`;
    const seen: number[] = [];
    await eventually("it is ready", async () => {
      const { status, body } = await get(`${admin}/readyz`);
      if (seen.at(-1) !== status) seen.push(status);
      if (status === 503) assert.match(body, /Envoy does not run by the first configuration yet/);
      return status === 200;
    }, { withinMs: 120_000 });
    assert.deepEqual(seen, [503, 200]);
    await contour.told("Ready");
    await answers(place, "first", "one");
    assert.equal((await get(`${admin}/healthz`)).status, 200);
    await checkMetrics(admin);
    const { body } = await get(`http://${stats.address}:${stats.port}/stats/prometheus`);
    assert.match(body, /^envoy_http_downstream_rq_total/m);

    const envoy = Number((await contour.told("Envoy started"))["pid"]);
    const before = contour.events.length;
    Deno.kill(envoy, "SIGKILL");
    const died = await contour.told("Envoy ended and is started again", before);
    assert.equal(died["how"], "signal SIGKILL");
    const next = Number((await contour.told("Envoy started", before))["pid"]);
    assert.notEqual(next, envoy);
    await answers(place, "first", "one");
    await Deno.writeTextFile(join(folder, "first.yaml"), answering("first", "two"));
    await answers(place, "first", "two");

    contour.kill("SIGTERM");
    assert.equal(await contour.ended(), 0);
    assert.equal(isAlive(next), false, "Envoy is still there");
    const odd = contour.events.slice(0, before).filter(({ level }) => level !== "info");
    assert.deepEqual(odd, []);
  });
});

Deno.test("two run beside each other, one in the flat layout; Ctrl-C and a hard kill leave no Envoy", async () => {
  await inFolder(async (folder) => {
    const [one, two] = [listenPlace(), listenPlace()];
    const any = ["--http-port", "0", "--stats-port", "0"];
    await using scoped = startContour(["serve", folder, "--envoy", ...flagsFor(one), ...any]);
    await using flat = startContour(
      ["serve", folder, "--envoy", ...flagsFor(two), ...any, "--xds-layout", "flat"],
    );
    await answers(one, "first", "one");
    await answers(two, "first", "one");
    await Deno.writeTextFile(join(folder, "first.yaml"), answering("first", "two"));
    await answers(one, "first", "two");
    await answers(two, "first", "two");

    const pids = [scoped, flat].map(async (contour) =>
      Number((await contour.told("Envoy started"))["pid"])
    );
    const [envoyOfScoped = 0, envoyOfFlat = 0] = await Promise.all(pids);
    scoped.kill("SIGINT");
    assert.equal(await scoped.ended(), 0);
    assert.equal(isAlive(envoyOfScoped), false);
    await answers(two, "first", "two");
    flat.kill("SIGKILL");
    await flat.ended();
    if (await hasSetpriv()) await eventually("Envoy is gone", () => !isAlive(envoyOfFlat));
    else if (isAlive(envoyOfFlat)) Deno.kill(envoyOfFlat, "SIGKILL");
  });
});

Deno.test("without --envoy it prints a command that works as it stands", async () => {
  await inFolder(async (folder) => {
    const place = listenPlace();
    await using contour = startContour(
      ["serve", folder, ...flagsFor(place), "--http-port", "0", "--stats-port", "0"],
    );
    const told = await contour.told("Start an Envoy, or let --envoy do it");
    await contour.told("Ready");
    const { command = "" } = told;
    assert.match(String(command), /^envoy -c \S+ /);
    const path = await folderWithEnvoy(folder);
    const envoy = new Deno.Command("sh", {
      args: ["-c", `exec ${command}`],
      env: { PATH: `${path}:${Deno.env.get("PATH")}` },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await answers(place, "first", "one");
      contour.kill("SIGTERM");
      assert.equal(await contour.ended(), 0);
      // It is not ours: it goes on with what it has.
      await answers(place, "first", "one");
      await assert.rejects(Deno.stat(String(told["bootstrap"])), Deno.errors.NotFound);
    } finally {
      envoy.kill("SIGKILL");
      await envoy.status;
    }
  });
});

Deno.test("the bootstrap it writes is one that Envoy takes", async () => {
  const { code, out } = await runToEnd([...contourCommand, "bootstrap", "-"]);
  assert.equal(code, 0);
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, out);
    const envoy = await envoyBinary();
    const checked = await runToEnd([
      ...[envoy, "--mode", "validate", "-c", file],
      ...["--service-node", "a", "--service-cluster", "b"],
    ]);
    assert.equal(checked.code, 0, checked.err);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a port that somebody has is named, and is exit code 1", async () => {
  await inFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String(taken.addr.port);
    const names = ["xds", "http", "envoy-service-http", "envoy-service-https", "stats"];
    for (const name of names) {
      const flags = names.flatMap((other) => [`--${other}-port`, other === name ? port : "0"]);
      const { code, err } = await runToEnd(
        [...contourCommand, "serve", folder, "--envoy", ...flags],
      );
      assert.match(err, new RegExp(`^error: Cannot .* 127\\.0\\.0\\.1:${port}\\b.* in use`, "m"));
      assert.equal(code, 1);
    }
  });
});

Deno.test("a pipe in the folder costs speed and nothing else", async () => {
  await inFolder(async (folder) => {
    const place = listenPlace();
    await using contour = startContour(
      ["serve", folder, "--envoy", ...flagsFor(place), "--http-port", "0", "--stats-port", "0"],
    );
    await answers(place, "first", "one");
    assert.equal((await runToEnd(["mkfifo", join(folder, "pipe.yaml")])).code, 0);
    await contour.told("Cannot be told of changes by the system: looking for them every second");
    await Deno.writeTextFile(join(folder, "first.yaml"), answering("first", "two"));
    await answers(place, "first", "two");
    await Deno.rename(folder, `${folder}-away`);
    await contour.told(`"${folder}" has vanished: what was read there is kept`);
    await Deno.rename(`${folder}-away`, folder);
    await Deno.writeTextFile(join(folder, "first.yaml"), answering("first", "three"));
    await answers(place, "first", "three");
    contour.kill("SIGTERM");
    assert.equal(await contour.ended(), 0);
  });
});

Deno.test("a wrong flag is exit code 2, with what was meant", async () => {
  const { code, out, err } = await runToEnd([...contourCommand, "serve", ".", "--envoi"]);
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.match(err, /unknown option '--envoi'\n\(Did you mean --envoy\?\)/);
});

/** A folder with one host, `first.localhost`, that answers "one". */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-serve-" });
  try {
    await Deno.writeTextFile(join(folder, "first.yaml"), answering("first", "one"));
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function flagsFor({ address, http, https }: ListenPlace): readonly string[] {
  return [
    ...["--envoy-service-http-address", address, "--envoy-service-http-port", String(http)],
    ...["--envoy-service-https-address", address, "--envoy-service-https-port", String(https)],
    ...["--xds-port", "0"],
  ];
}

function endpoint(): { readonly address: string; readonly port: string } {
  const { address, http } = listenPlace();
  return { address, port: String(http) };
}

async function answers({ address, http }: ListenPlace, name: string, body: string): Promise<void> {
  await eventually(`${name} answers ${body}`, async () => {
    const answer = await send({ address, port: http }, { host: `${name}.localhost` });
    if (answer.body === body) return true;
    throw new Error(`The answer is ${answer.status} ${answer.body}`);
  }, { withinMs: 120_000 });
}

async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}

async function checkMetrics(admin: string): Promise<void> {
  const { body } = await get(`${admin}/metrics`);
  const wanted = [
    /^contour_build_info\{.*version="[^"]+".*\} 1$/m,
    /^contour_eventhandler_operation_total\{op="add",kind="HTTPProxy"\} 1$/m,
    /^contour_dag_cache_object\{kind="HTTPProxy"\} 1$/m,
    /^contour_dagrebuild_total [1-9]/m,
    /^contour_dagrebuild_seconds\{quantile="0.99"\} /m,
    /^contour_dagrebuild_timestamp 1\d{9}$/m,
    /^contour_httpproxy\{namespace="default"\} 1$/m,
    /^contour_httpproxy_root\{namespace="default"\} 1$/m,
    /^contour_httpproxy_valid\{namespace="default",vhost="first.localhost"\} 1$/m,
    /^contour_files 1$/m,
    /^contour_file_errors 0$/m,
    /^contour_xds_connected_nodes 1$/m,
    /^contour_xds_pushes_total\{type="Listener"\} [1-9]/m,
    /^process_resident_memory_bytes /m,
  ];
  for (const line of wanted) assert.match(body, line);
}

/** A folder for the PATH with an `envoy` in it. */
async function folderWithEnvoy(folder: string): Promise<string> {
  const binary = await envoyBinary();
  if (binary.endsWith("/envoy")) return dirname(binary);
  const path = join(folder, ".bin");
  await Deno.mkdir(path);
  await Deno.symlink(binary, join(path, "envoy"));
  return path;
}

async function hasSetpriv(): Promise<boolean> {
  return (await runToEnd(["sh", "-c", "command -v setpriv"])).code === 0;
}
