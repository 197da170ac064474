import { join } from "node:path";
import type { Logger } from "./admin/mod.ts";
import {
  type Address,
  bootstrapJson,
  type BootstrapOptions,
  envoyBinary,
  envoyCommand,
  type EnvoyEvent,
  envoyProcess,
} from "./data_plane/mod.ts";
import type { Endpoint, ServeOptions, Started } from "./serve_options.ts";

/**
 * The Envoy that goes with a controller: runs one where that is asked for, or writes what it takes to
 * start one. Rejects when no Envoy can be found.
 */
export async function provideEnvoy(
  { envoy, envoyAdmin, source, configuration }: ServeOptions,
  surroundings: Surroundings,
): Promise<ProvidedEnvoy> {
  const { xds } = surroundings;
  const bootstrap = {
    node: { id: "envoy", cluster: "contour" },
    xds: { ...xds, address: reachable(xds.address) },
    asksForRuntime: true,
    ...(envoyAdmin === undefined ? {} : { admin: envoyAdmin }),
  };
  if (envoy.kind === "managed") return await managedEnvoy(envoy.path, bootstrap, surroundings);
  // In a cluster, and wherever certificates are needed, `contour bootstrap` is who writes one.
  const isElsewhere = source.kind === "cluster" || !configuration.xds.insecure;
  if (isElsewhere) return { started: { kind: "elsewhere" }, finished: Promise.resolve() };
  return await externalEnvoy(bootstrap, surroundings);
}

/** What there is to know of it. */
export interface ProvidedEnvoy {
  readonly started: Started["envoy"];
  /** Settles after the signal, when nothing is left of it. */
  readonly finished: Promise<unknown>;
}

/** What is around it. */
export interface Surroundings {
  /** Where it gets its configuration. */
  readonly xds: Endpoint;
  readonly log: Logger;
  /** Told what happens to an Envoy of ours. */
  readonly onEvent: (event: EnvoyEvent) => void;
  readonly signal: AbortSignal;
}

type Bootstrap = Omit<BootstrapOptions, "admin"> & { readonly admin?: Address };

async function managedEnvoy(
  path: string | undefined,
  bootstrap: Bootstrap,
  { log, onEvent, signal }: Surroundings,
): Promise<ProvidedEnvoy> {
  const binary = await envoyBinary({
    ...(path === undefined ? {} : { path }),
    onProgress: (message) => log.info(message),
    signal,
  });
  const process = await envoyProcess({ binary, bootstrap, signal, onEvent });
  return { started: { kind: "managed", binary }, finished: process.done };
}

async function externalEnvoy(
  bootstrap: Bootstrap,
  { signal }: Surroundings,
): Promise<ProvidedEnvoy> {
  const folder = await Deno.makeTempDir({ prefix: "contour-" });
  const bootstrapFile = join(folder, "bootstrap.json");
  const admin = bootstrap.admin ?? { path: join(folder, "admin.sock") };
  await Deno.writeTextFile(bootstrapFile, bootstrapJson({ ...bootstrap, admin }));
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const clean = () => resolve(Deno.remove(folder, { recursive: true }));
  signal.addEventListener("abort", clean, { once: true });
  if (signal.aborted) clean();
  const command = envoyCommand({ binary: "envoy" }, bootstrapFile);
  return { started: { kind: "external", bootstrapFile, command }, finished };
}

/** Where an Envoy on this machine reaches an address that was listened on. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
