/**
 * Checks a compiled binary as a user would meet it, in a folder that has nothing to do with the
 * source: `deno run -A tests/compiled_binary.ts dist/contour`. It has to tell its version, judge and
 * serve the quickstart with a real Envoy, run plugins from a folder, and end without leaving anything.
 * Exit code 1 says what it did not.
 */
import { resolve } from "node:path";
import process from "node:process";
import { startBackends } from "../cli/demo/backends.ts";
import { type Answer, ask } from "../cli/demo/client.ts";
import { prepareQuickstart } from "../cli/demo/quickstart.ts";
import { type DemoRequest, demoRequests } from "../cli/demo/requests.ts";
import { pluginsInTheBox } from "../cli/plugins_in_the_box.ts";
import { checkStrangers } from "./plugins/strangers.ts";
import { type ContourProcess, isAlive, runToEnd, startContour } from "./support/contour_process.ts";
import { type ListenPlace, listenPlace } from "./support/envoy.ts";
import { eventually } from "./support/wait.ts";

/** Runs everything. Returns what is wrong, each in a sentence. */
export async function checkBinary(
  binary: string,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const folder = await Deno.makeTempDir({ prefix: "contour-binary-" });
  const stop = new AbortController();
  const backends = startBackends(["welcome", "catalog-v1", "catalog-v2", "checkout"], stop.signal);
  const before = Deno.cwd();
  try {
    const trust = await prepareQuickstart(folder, backends.list);
    Deno.chdir("/");
    const { size } = await Deno.stat(binary);
    say(`${Math.round(size / 1024 / 1024)} MiB`);
    wrong.push(...await checkCommands(binary, folder, say));
    wrong.push(...await checkServe(binary, folder, trust, say));
    wrong.push(...await checkPlugins(binary, say));
  } finally {
    stop.abort();
    await backends.finished;
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
  return wrong;
}

/** Commands that print something and end. */
async function checkCommands(
  binary: string,
  folder: string,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const commands: readonly [args: readonly string[], expected: RegExp][] = [
    [["version"], /^contour \d+\.\d+\.\d+/],
    [["status", folder], /platform +shop +shop\.localhost +valid/],
    [["bootstrap", "-"], /"static_resources"/],
    [["--help"], /^Usage: contour/],
    ...pluginsInTheBox.flatMap(({ commands = [] }) => commands)
      .map(({ name }): [readonly string[], RegExp] => [
        [name, "--help"],
        new RegExp(`^Usage: contour ${name} `),
      ]),
  ];
  for (const [args, expected] of commands) {
    const begin = performance.now();
    const { code, out, err } = await runToEnd([binary, ...args]);
    say(`${args[0]}: ${Math.round(performance.now() - begin)} ms`);
    if (code !== 0) wrong.push(`"${args[0]}" ended with ${code}: ${err}`);
    if (!expected.test(out)) wrong.push(`"${args[0]}" printed something else: ${out}${err}`);
  }
  return wrong;
}

/** The quickstart, served and asked. */
async function checkServe(
  binary: string,
  folder: string,
  trust: string,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const place = listenPlace();
  const begin = performance.now();
  await using contour = startContour([
    ...["serve", folder, "--envoy", "--xds-port", "0", "--http-port", "0", "--stats-port", "0"],
    ...["--envoy-service-http-address", place.address],
    ...["--envoy-service-http-port", String(place.http)],
    ...["--envoy-service-https-address", place.address],
    ...["--envoy-service-https-port", String(place.https)],
  ], [binary]);
  try {
    await contour.told("Ready");
  } catch (error) {
    return [`${error}: ${error instanceof Error ? error.cause : ""}`];
  }
  say(`ready after ${Math.round(performance.now() - begin)} ms`);
  for (const request of demoRequests) {
    const answers: Answer[] = [];
    for (let time = 0; time < (request.times ?? 1); time++) {
      answers.push(await askWhenUp(place, request, trust));
    }
    const mistake = request.check(answers);
    const url = `${request.tls ? "https" : "http"}://${request.host}${request.path}`;
    say(`${url}: ${mistake ?? "as expected"}`);
    if (mistake !== undefined) wrong.push(`${url}: ${mistake}`);
  }
  return [...wrong, ...problemsOf(contour), ...await checkEnd(contour)];
}

/** Plugins in TypeScript that lie in a folder of their own. */
async function checkPlugins(
  binary: string,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const begin = performance.now();
  try {
    await checkStrangers([binary]);
  } catch (error) {
    return [`Plugins: ${error instanceof Error ? error.stack ?? error.message : error}`];
  }
  say(`plugins of strangers: ${Math.round(performance.now() - begin)} ms`);
  return [];
}

/** Envoy says that it is live a moment before its sockets are. */
function askWhenUp(place: ListenPlace, request: DemoRequest, trust: string): Promise<Answer> {
  const { tls, host, path, headers } = request;
  const { address, http, https } = place;
  const signal = AbortSignal.timeout(30_000);
  return eventually(
    `${host}${path} answers`,
    () =>
      tls
        ? ask({ address, port: https }, { host, path, headers, signal, trust })
        : ask({ address, port: http }, { host, path, headers, signal }),
  );
}

function problemsOf({ events }: ContourProcess): readonly string[] {
  return events.filter(({ level }) => level !== "info")
    .map((event) => `It logged: ${JSON.stringify(event)}`);
}

async function checkEnd(contour: ContourProcess): Promise<readonly string[]> {
  const wrong: string[] = [];
  const envoy = Number((await contour.told("Envoy started"))["pid"]);
  contour.kill("SIGTERM");
  const code = await contour.ended();
  if (code !== 0) wrong.push(`It ended with ${code} after SIGTERM`);
  if (isAlive(envoy)) {
    wrong.push(`Envoy ${envoy} is still there`);
    Deno.kill(envoy, "SIGKILL");
  }
  return wrong;
}

if (import.meta.main) {
  const [binary] = Deno.args;
  if (binary === undefined) {
    console.error("usage: deno run -A tests/compiled_binary.ts BINARY");
    process.exit(2);
  }
  const wrong = await checkBinary(resolve(binary), (line) => console.log(line));
  for (const sentence of wrong) console.error(`wrong: ${sentence}`);
  console.log(wrong.length === 0 ? "The binary does what it should" : `${wrong.length} wrong`);
  process.exit(wrong.length === 0 ? 0 : 1);
}
