#!/usr/bin/env -S deno run -A
import { join, relative } from "node:path";
import process from "node:process";
import { Command, CommanderError } from "commander";
import { type Paint, paintFor, systemTerminal, type Terminal } from "../command_line/mod.ts";
import { type Logger, logger } from "../controller/admin/mod.ts";
import { localConfiguration } from "../controller/local_configuration.ts";
import { serve } from "../controller/serve.ts";
import {
  type Endpoint,
  type ServeHandle,
  type ServeOptions,
  type Started,
} from "../controller/serve_options.ts";
import { startBackends } from "./demo/backends.ts";
import { type Answer, ask } from "./demo/client.ts";
import { prepareQuickstart } from "./demo/quickstart.ts";
import { type DemoRequest, demoRequests } from "./demo/requests.ts";

/**
 * The quickstart, alive: backends in this process, a copy of the example to edit, the controller
 * with an Envoy, and the requests one would try first. Returns the exit code: 0 when every answer
 * was the right one.
 */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, options.signal]);
  const folder = await Deno.makeTempDir({ prefix: "contour-demo-" });
  const backends = startBackends(["welcome", "catalog-v1", "catalog-v2", "checkout"], signal);
  let handle: ServeHandle | undefined;
  try {
    const trust = await prepareQuickstart(folder, backends.list);
    const log = demoLog(options, terminal, signal);
    handle = serve(serveOptions(folder), { signal, log });
    const started = await soon(handle.started, options.limitMs);
    await soon(handle.ready, options.limitMs);

    const gateway: Gateway = { folder, started, trust, handle, signal };
    const paint = paintFor("out", terminal);
    terminal.out(introduction(gateway, paint));
    const wrong = await tryAll(gateway, terminal, paint);
    if (options.once) return wrong === 0 ? 0 : 1;
    terminal.out(nextSteps(gateway, paint));
    await handle.done;
    return 0;
  } catch (error) {
    // Ctrl-C while starting is no failure.
    if (options.signal.aborted) return 0;
    throw error;
  } finally {
    stop.abort();
    await Promise.allSettled([handle?.done, backends.finished]);
    await Deno.remove(folder, { recursive: true });
  }
}

/** How to run the demo. */
export interface DemoOptions {
  /** Ends after the requests. */
  readonly once: boolean;
  /** Shows the whole log of the controller. */
  readonly verbose: boolean;
  /** How long the controller and Envoy may take to come up, downloads included. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** What runs, and what one needs to talk to it. */
interface Gateway {
  readonly folder: string;
  readonly started: Started;
  /** The CA to trust, PEM. */
  readonly trust: string;
  readonly handle: ServeHandle;
  readonly signal: AbortSignal;
}

function serveOptions(folder: string): ServeOptions {
  const { xds, metrics, envoy } = localConfiguration();
  return {
    source: { kind: "files", paths: [folder], namespace: "default" },
    configuration: localConfiguration({
      xds: usualOrFree(xds),
      http: usualOrFree(metrics),
      envoyHttp: usualOrFree(envoy.http),
      envoyHttps: usualOrFree(envoy.https),
      stats: usualOrFree(envoy.metrics),
    }),
    envoy: { kind: "managed" },
    layout: "scoped",
  };
}

/** The usual port, or any other when somebody has that one. */
function usualOrFree({ address, port }: Endpoint): Endpoint {
  try {
    Deno.listen({ hostname: address, port }).close();
    return { address, port };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { address, port: 0 };
    throw error;
  }
}

/** Everything when asked for; else what went wrong or right again, and what takes long. */
function demoLog({ verbose }: DemoOptions, terminal: Terminal, signal: AbortSignal): Logger {
  if (verbose) {
    return logger({
      format: "text",
      level: "debug",
      write: (line) => terminal.err(line),
      now: () => new Date(),
    });
  }
  const paint = paintFor("err", terminal);
  const line = (color: (text: string) => string): Logger["info"] => (msg, fields = {}) => {
    // Lines of Envoy itself are for those who asked for everything.
    if (fields["line"] !== undefined || signal.aborted) return;
    const place = fields["at"] ?? fields["file"];
    terminal.err(`${color("•")} ${place === undefined ? "" : `${place}: `}${msg}\n`);
  };
  const log: Logger = {
    debug: () => {},
    info(msg, fields) {
      // What comes without fields is for people: a download, mostly.
      if (fields === undefined || "file" in fields) line(paint.green)(msg, fields);
    },
    warn: line(paint.yellow),
    error: line(paint.red),
    with: () => log,
  };
  return log;
}

function introduction({ started, folder }: Gateway, paint: Paint): string {
  const { addresses, objects, files = 0 } = started;
  const at = ({ address, port }: Endpoint) => `${address}:${port}`;
  return `
${paint.bold("A gateway for two teams")}, from ${objects} objects in ${files} files
  http   ${at(addresses.envoyHttp)}
  https  ${at(addresses.envoyHttps)}
  files  ${folder}

`;
}

/** Makes every request and prints what came back. Returns how many answers were wrong. */
async function tryAll(gateway: Gateway, terminal: Terminal, paint: Paint): Promise<number> {
  let wrong = 0;
  for (const request of demoRequests) {
    const answers: Answer[] = [];
    for (let time = 0; time < (request.times ?? 1); time++) {
      answers.push(await askWhenUp(gateway, request));
    }
    const mistake = request.check(answers);
    if (mistake !== undefined) wrong++;
    terminal.out(report(request, answers, mistake, ruleOf(gateway, request), paint));
  }
  const verdict = `${demoRequests.length - wrong} of ${demoRequests.length} as expected`;
  terminal.out(`\n${wrong === 0 ? paint.green(verdict) : paint.red(verdict)}\n`);
  return wrong;
}

/** Envoy says that it is live a moment before its sockets are. */
async function askWhenUp(gateway: Gateway, request: DemoRequest): Promise<Answer> {
  const { started: { addresses }, trust, signal } = gateway;
  const limit = performance.now() + 10_000;
  for (;;) {
    try {
      const { host, path, headers } = request;
      return request.tls
        ? await ask(addresses.envoyHttps, { host, path, headers, signal, trust })
        : await ask(addresses.envoyHttp, { host, path, headers, signal });
    } catch (cause) {
      if (signal.aborted || performance.now() > limit) {
        throw new Error(`Cannot get an answer for ${request.host}${request.path}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The file and line of the rule that took a request. */
function ruleOf({ handle, folder }: Gateway, request: DemoRequest): string | undefined {
  const { tls, host, path, headers } = request;
  const rule = handle.explain({ method: "GET", tls, host, path, headers })?.position;
  return rule && `${relative(folder, rule.file)}:${rule.line}`;
}

function report(
  { tls, host, path, headers, times = 1, shows }: DemoRequest,
  answers: readonly Answer[],
  mistake: string | undefined,
  rule: string | undefined,
  paint: Paint,
): string {
  const mark = mistake === undefined ? paint.green("✓") : paint.red("✗");
  const sent = Object.entries(headers).map(([name, value]) => ` ${name}: ${value}`).join("");
  const often = times === 1 ? "" : ` × ${times}`;
  const url = `${tls ? "https" : "http"}://${host}${path}`;
  return `${mark} ${paint.bold(url)}${sent}${often}
    ${outcome(answers)}${rule === undefined ? "" : `   by ${rule}`}
    ${mistake === undefined ? paint.dim(shows) : paint.red(mistake)}
`;
}

/** `200 catalog-v1 37 times, 200 catalog-v2 3 times` */
function outcome(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const { status, headers, seen } of answers) {
    const location = headers.get("location");
    const rest = seen === undefined ? location : `${seen.backend} saw ${seen.path}`;
    const text = rest === undefined ? `${status}` : `${status} ${rest}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)
    .map(([text, count]) => answers.length === 1 ? text : `${text} (${count}×)`)
    .join(", ");
}

function nextSteps({ folder, started: { addresses } }: Gateway, paint: Paint): string {
  const { port } = addresses.envoyHttp;
  const file = (name: string) => paint.bold(join(folder, name));
  return `
Now change something, save, and ask again: no restart, no reload.
  ${file("team-catalog.yaml")}
    weight: 90 and 10 → 50 and 50
  ${file("team-checkout.yaml")}
    a typo, such as "servces:", is reported here, and nothing else is disturbed

  curl http://shop.localhost:${port}/catalog/shoes

Ctrl-C ends it.
`;
}

/** Waits, but not for ever. */
async function soon<Value>(promise: Promise<Value>, limitMs: number): Promise<Value> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    limit.reject(new Error(`The gateway was not up after ${limitMs / 1000} s`));
  }, limitMs);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function main(terminal: Terminal): Promise<number> {
  const command = new Command("demo")
    .description("A gateway for two teams, to look at and to play with.")
    .option("--once", "end after the requests", false)
    .option("-v, --verbose", "show the log of the controller", false)
    .exitOverride();
  try {
    command.parse(Deno.args, { from: "user" });
    const { once, verbose } = command.opts<Pick<DemoOptions, "once" | "verbose">>();
    const signal = terminal.interrupted();
    return await demo({ once, verbose, signal, limitMs: 170_000 }, terminal);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

if (import.meta.main) process.exit(await main(systemTerminal()));
