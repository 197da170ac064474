/** The service as a test runs it: in this process, on free ports. */
import {
  type RateLimitService,
  type RateLimitServiceOptions,
  startRateLimitService,
} from "../mod.ts";

/** A running service, with what it told. */
export interface TestService extends RateLimitService, AsyncDisposable {
  readonly log: readonly string[];
  readonly stop: () => Promise<void>;
  /** What a page answers. */
  readonly page: (path: string, body?: string) => Promise<{ status: number; body: string }>;
  /** The value of a metric, by its name with labels. */
  readonly metric: (name: string) => Promise<number | undefined>;
}

/** Starts a service on a configuration; what is not said is as by default. */
export async function startService(
  config: string | readonly string[],
  options: Partial<Omit<RateLimitServiceOptions, "configuration" | "log" | "signal">> = {},
): Promise<TestService> {
  const log: string[] = [];
  const stop = new AbortController();
  const write = (level: string) => (msg: string, fields = {}) =>
    void log.push(`${level}: ${msg} ${JSON.stringify(fields)}`);
  const folder = typeof config === "string" ? await Deno.makeTempDir() : undefined;
  if (typeof config === "string") await Deno.writeTextFile(`${folder}/limits.yaml`, config);
  const service = await startRateLimitService({
    configuration: typeof config === "string" ? [`${folder}/limits.yaml`] : config,
    store: { kind: "memory" },
    onStoreFailure: "error",
    algorithm: "fixed_window",
    grpc: { kind: "tcp", address: "127.0.0.1", port: 0 },
    http: { address: "127.0.0.1", port: 0 },
    answers: { shadowMode: false, quotaMode: false, dynamicMetadata: false },
    compile: { mergeDomains: false, nearLimitRatio: 0.8 },
    lookAgainMs: 20,
    ...options,
    log: { info: write("info"), warn: write("warn"), error: write("error") },
    signal: stop.signal,
  });
  const page: TestService["page"] = async (path, body) => {
    const url = `http://127.0.0.1:${service.httpPort}${path}`;
    const response = await fetch(url, body === undefined ? {} : { method: "POST", body });
    return { status: response.status, body: await response.text() };
  };
  return {
    ...service,
    log,
    page,
    async metric(name) {
      const { body } = await page("/metrics");
      const line = body.split("\n").find((each) => each.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    },
    stop() {
      stop.abort();
      return service.finished;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await service.finished;
      if (folder !== undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}
