import type { CommandSurroundings } from "../../../command_line/mod.ts";
import { type EnvironmentReading, readEnvironment, startRateLimitService } from "../mod.ts";
import { logger } from "./outside.ts";
import type { ServeFlags } from "./serve.ts";
import { serviceSettings } from "./settings.ts";

/** Answers Envoy until it is interrupted. */
export async function runServe(
  flags: ServeFlags,
  { terminal, exit }: CommandSurroundings,
): Promise<void> {
  const environment = readEnvironment((name) => terminal.env(name));
  const settings = await serviceSettings(flags, environment.values);
  const log = logger({
    format: settings.logFormat,
    level: "info",
    write: (line) => terminal.err(line),
    now: () => new Date(),
  });
  tellEnvironment(environment, log);
  const service = await startRateLimitService({
    ...settings.service,
    log,
    signal: terminal.interrupted(),
  });
  if (service.domains().size === 0) log.warn("there are no limits: every request is an error");
  const { grpc, http } = settings.service;
  log.info("answering Envoy", {
    grpc: grpc.kind === "socket" ? grpc.path : at(grpc.address, service.grpcPort),
    http: http === undefined ? undefined : at(http.address, service.httpPort ?? 0),
    store: settings.service.store.kind,
    algorithm: settings.service.algorithm,
  });
  await service.finished;
  exit(0);
}

function at(address: string, port: number): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function tellEnvironment(
  { values, ignored }: EnvironmentReading,
  log: ReturnType<typeof logger>,
): void {
  const used = Object.keys(values);
  if (used.length > 0) log.info("settings of the environment", { used: used.join(" ") });
  for (const { name, reason } of ignored) {
    log.warn("a setting of the environment has no effect", { name, reason });
  }
}
