import { startBackends } from "../cli/demo/backends.ts";
import { type Answer, ask } from "../cli/demo/client.ts";
import { prepareQuickstart } from "../cli/demo/quickstart.ts";
import { type DemoRequest, demoRequests } from "../cli/demo/requests.ts";

/**
 * Checks a compiled binary from outside: it serves the quickstart with an Envoy of its own, answers
 * what the demo asks, and leaves nothing behind. `deno run -A tests/compiled_binary.ts dist/contour`
 */
async function main(binary: string): Promise<number> {
  const stop = new AbortController();
  const folder = await Deno.makeTempDir({ prefix: "contour-compiled-" });
  const backends = startBackends(
    ["welcome", "catalog-v1", "catalog-v2", "checkout"],
    stop.signal,
  );
  try {
    const trust = await prepareQuickstart(folder, backends.list);
    const [http = 0, https = 0, stats = 0] = freePorts(3);
    const process = new Deno.Command(binary, {
      args: [
        "serve",
        folder,
        "--envoy",
        "--xds-port=0",
        "--http-port=0",
        `--stats-port=${stats}`,
        `--envoy-service-http-port=${http}`,
        `--envoy-service-https-port=${https}`,
      ],
      // Nothing beside the binary may be needed.
      cwd: folder,
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const log = new Response(process.stderr).text();
    let wrong = 0;
    try {
      for (const request of demoRequests) {
        const gateway = { address: "127.0.0.1", port: request.tls ? https : http };
        const answers: Answer[] = [];
        for (let time = 0; time < (request.times ?? 1); time++) {
          answers.push(await answerOf(gateway, request, trust, stop.signal));
        }
        const mistake = request.check(answers);
        if (mistake !== undefined) wrong++;
        console.log(
          `${mistake === undefined ? "ok" : "WRONG"}  ${request.host}${request.path}  ${
            mistake ?? ""
          }`,
        );
      }
    } finally {
      process.kill("SIGTERM");
    }
    const { code } = await process.status;
    const text = await log;
    const stopped = /Envoy stopped/.test(text);
    if (code !== 0 || !stopped) console.log(`WRONG  exit code ${code}, Envoy stopped: ${stopped}`);
    if (wrong > 0 || code !== 0 || !stopped) console.log(text);
    return wrong === 0 && code === 0 && stopped ? 0 : 1;
  } finally {
    stop.abort();
    await backends.finished;
    await Deno.remove(folder, { recursive: true });
  }
}

/** The first answer by the configuration: until it is there, connections and hosts are unknown. */
async function answerOf(
  gateway: { readonly address: string; readonly port: number },
  { host, path, headers, tls }: DemoRequest,
  trust: string,
  signal: AbortSignal,
): Promise<Answer> {
  const limit = performance.now() + 120_000;
  for (;;) {
    try {
      return await ask(gateway, { host, path, headers, signal, ...(tls ? { trust } : {}) });
    } catch (cause) {
      if (performance.now() > limit) throw new Error(`No answer for ${host}${path}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

Deno.exit(await main(await Deno.realPath(Deno.args[0] ?? "dist/contour")));
