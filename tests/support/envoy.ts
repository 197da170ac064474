/** A real Envoy for a test: started, listened to, and stopped with it. */
import { envoyBinary, envoyProcess } from "../../controller/data_plane/mod.ts";
import type { AccessLogOptions, EnvoyOptions } from "../../controller/envoy/mod.ts";
import { eventually, within } from "./wait.ts";

/** Where an Envoy listens. */
export interface ListenPlace {
  readonly address: string;
  readonly http: number;
  readonly https: number;
}

/**
 * Two free ports at a loopback address of our own: at that address nobody takes them before Envoy
 * does, though they have to stand in its configuration first.
 */
export function listenPlace(): ListenPlace {
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint8Array(3));
  const hostname = `127.${1 + a % 254}.${b}.${1 + c % 254}`;
  const held = [Deno.listen({ hostname, port: 0 }), Deno.listen({ hostname, port: 0 })];
  const [http = 0, https = 0] = held.map(({ addr }) => addr.port);
  for (const listener of held) listener.close();
  return { address: hostname, http, https };
}

/** Options for listeners at a place, with an access log that {@link TestEnvoy.ruleOf} reads. */
export function envoyOptionsAt(
  { address, http, https }: ListenPlace,
  accessLog: AccessLogOptions | "none" = {
    path: "/dev/stdout",
    format: "rule %REQ(X-REQUEST-ID)% %ROUTE_NAME%\n",
  },
): EnvoyOptions {
  const logged = accessLog === "none" ? {} : { accessLog };
  return {
    http: { address, port: http, ...logged },
    https: { address, port: https, ...logged },
    connectionIdleTimeout: { kind: "explicit", ms: 60_000 },
  };
}

/** A running Envoy. */
export interface TestEnvoy extends AsyncDisposable {
  /** Resolves when it accepts connections. */
  readonly ready: () => Promise<void>;
  /** What it wrote to its log. */
  readonly log: string[];
  /** The name of the route that took the request with this id, "-" for none. */
  readonly ruleOf: (requestId: string) => Promise<string>;
  /** What its admin interface answers. */
  readonly admin: (path: string) => Promise<string>;
  /** All it runs on but what it started with, without times: equal for equal configurations. */
  readonly configuration: () => Promise<readonly unknown[]>;
  /** Whether no listener or cluster waits for something before it is used. */
  readonly isWarm: () => Promise<boolean>;
}

/** It warns of every start that nobody limited its connections. */
const harmless = /no configured limit to the number of allowed active downstream connections/;

/** Starts an Envoy that takes its configuration from a port of this machine. */
export async function startEnvoy({ xdsPort, nodeId = "test", asksForRuntime = false }: {
  readonly xdsPort: number;
  readonly nodeId?: string;
  /** Whether it wants to be told runtime settings. Default: no. */
  readonly asksForRuntime?: boolean;
}): Promise<TestEnvoy> {
  const stop = new AbortController();
  const log: string[] = [];
  const rules = new Map<string, string>();
  const process = await envoyProcess({
    binary: await envoyBinary(),
    bootstrap: {
      node: { id: nodeId, cluster: "contour" },
      xds: { address: "127.0.0.1", port: xdsPort },
      asksForRuntime,
    },
    concurrency: 1,
    // What was replaced is gone a second later, instead of ten minutes.
    args: ["--file-flush-interval-msec", "10", "--drain-time-s", "1"],
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind === "died") log.push(`died: ${event.how}`);
      if (event.kind !== "line") return;
      const [, id, rule] = /^rule (\S+) (\S+)$/.exec(event.text) ?? [];
      if (id !== undefined && rule !== undefined) rules.set(id, rule);
      else if (event.stream === "stderr" && !harmless.test(event.text)) log.push(event.text);
    },
  });
  const admin = async (path: string) => {
    const { status, body } = await process.adminGet(path);
    if (status !== 200) throw new Error(`Envoy answers ${status} to ${path}: ${body}`);
    return body;
  };
  return {
    ready: () => within("Envoy is ready", process.ready(), 30_000),
    log,
    admin,
    ruleOf: (id) => eventually(`request ${id} is in the access log`, () => rules.get(id)),
    configuration: async () => configured(await admin("/config_dump?include_eds")),
    isWarm: async () =>
      !/"warming_state"|"dynamic_warming_clusters"/.test(await admin("/config_dump")),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await process.done;
    },
  };
}

function configured(dump: string): readonly unknown[] {
  const { configs } = JSON.parse(dump, (name, value) => {
    if (name === "last_updated" || name.startsWith("static_")) return undefined;
    // Envoy keeps the first version's name where it only exchanges filter chains.
    if (name === "active_state") return { ...value, version_info: undefined };
    // In the order of their arrival; they have one of their own by what they say.
    return name.startsWith("dynamic_") && Array.isArray(value) ? sorted(value) : value;
  });
  return configs.filter((config: { "@type": string }) => !config["@type"].includes("Bootstrap"));
}

function sorted(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => canonical(value)).sort().map((text) => JSON.parse(text));
}

/** The same text for the same value, in whatever order the members of objects stand. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_name, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}
