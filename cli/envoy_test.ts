import assert from "node:assert/strict";
import { commandLine } from "../tests/support/command_line.ts";

const statistics = (open: number) =>
  `envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix="ingress_http"} ${open}\n` +
  `envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix="stats"} 4\n`;

Deno.test("envoy shutdown and shutdown-manager end an Envoy together", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-cli-" });
  const asked: string[] = [];
  let open = 3;
  const admin = Deno.serve({ path: `${folder}/admin.sock`, onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${decodeURIComponent(search)}`);
    return new Response(pathname === "/healthcheck/fail" ? "OK\n" : statistics(open--));
  });
  const stop = new AbortController();
  const listening = Promise.withResolvers<string>();
  const ready = ["--ready-file", `${folder}/ok`];
  const manager = commandLine(["envoy", "shutdown-manager", "--serve-port", "0", ...ready], {
    interrupted: () => stop.signal,
    onErr: (text) => listening.resolve(/port=(\d+)/.exec(text)?.[1] ?? text),
  });
  try {
    const hook = fetch(`http://127.0.0.1:${await listening.promise}/shutdown`);
    const times = ["--drain-delay", "1ms", "--check-delay", "1ms", "--check-interval", "5ms"];
    const shutdown = await commandLine([
      ...["envoy", "shutdown", "--admin-address", `${folder}/admin.sock`, ...ready, ...times],
      ...["--min-open-connections", "1", "--admin-port", "9001"],
    ]);
    assert.equal(shutdown.code, 0, shutdown.err);
    assert.deepEqual(shutdown.err.replaceAll(/time=\S+ level=/g, "").trimEnd().split("\n"), [
      'warn msg="--admin-port is not used any more"',
      'info msg="Envoy calls itself unhealthy"',
      'info msg="Connections of clients" open=3',
      'info msg="Connections of clients" open=2',
      'info msg="Connections of clients" open=1',
      'info msg="Envoy is drained"',
    ]);
    const filter = String.raw`^http\..*\.downstream_cx_active$`;
    assert.deepEqual(asked.slice(0, 2), [
      "POST /healthcheck/fail",
      `GET /stats/prometheus?filter=${filter}`,
    ]);
    assert.equal(await (await hook).text(), "OK");
  } finally {
    stop.abort();
    assert.equal((await manager).code, 0);
    await admin.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("envoy alone, and flags that are none, are wrong calls", async () => {
  for (
    const args of [
      ["envoy"],
      ["envoy", "stop"],
      ["envoy", "shutdown", "--check-interval", "5"],
      ["envoy", "shutdown", "--min-open-connections", "-1"],
      ["envoy", "shutdown-manager", "--serve-port", "http"],
    ]
  ) {
    const { code, out, err } = await commandLine(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
    assert.notEqual(err, "");
  }
});
