import type { Command } from "commander";
import { UsageError } from "../command_line/mod.ts";
import {
  configure,
  type Configured,
  type ContourConfigurationSpec,
} from "../controller/configuration/mod.ts";
import { localDefaults } from "../controller/local_configuration.ts";

/** What flags and environment variables say of the configuration, defaults not counted. */
export function configurationSaid(command: Command): ContourConfigurationSpec {
  const text = (name: string) => said<string>(command, name);
  const number = (name: string) => said<number>(command, name);
  const truth = (name: string) => said<boolean>(command, name);
  const list = (name: string) => said<readonly string[]>(command, name);
  const place = (name: string) => ({
    address: text(`${name}Address`),
    port: number(`${name}Port`),
  });
  const format = said<"envoy" | "json">(command, "accesslogFormat");
  const spec = {
    xdsServer: {
      ...place("xds"),
      tls: {
        caFile: text("contourCafile"),
        certFile: text("contourCertFile"),
        keyFile: text("contourKeyFile"),
        insecure: truth("insecure"),
      },
    },
    ingress: { classNames: list("ingressClassName"), statusAddress: text("ingressStatusAddress") },
    debug: place("debugHttp"),
    health: place("health"),
    metrics: place("http"),
    httpproxy: {
      rootNamespaces: list("rootNamespaces"),
      maxRoutesPerHost: number("maxRoutesPerHost"),
    },
    envoy: {
      http: { ...place("envoyServiceHttp"), accessLog: text("envoyHttpAccessLog") },
      https: { ...place("envoyServiceHttps"), accessLog: text("envoyHttpsAccessLog") },
      service: { name: text("envoyServiceName"), namespace: text("envoyServiceNamespace") },
      metrics: place("stats"),
      health: place("stats"),
      listener: { useProxyProtocol: truth("useProxyProtocol") },
      logging: { accessLogFormat: format },
    },
  };
  return spec;
}

/**
 * The configuration that the flags of a command lead to. Throws a `UsageError` for a file that
 * cannot be read.
 *
 * @param fetchResource the ContourConfiguration of that name, as the API server gives it
 */
export async function configurationFor(
  command: Command,
  { namespace, isLocal, watchNamespaces, fetchResource }: {
    readonly namespace: string;
    /** Whether the objects are in files. */
    readonly isLocal: boolean;
    readonly watchNamespaces?: readonly string[];
    readonly fetchResource: (name: string) => Promise<unknown>;
  },
): Promise<Configured> {
  const path = said<string>(command, "configPath");
  const resource = said<string>(command, "contourConfigName");
  const rest = {
    flags: configurationSaid(command),
    namespace,
    ...(isLocal ? { defaults: defaultsWithFiles(command) } : {}),
    ...(watchNamespaces === undefined ? {} : { watchNamespaces }),
  };
  if (path !== undefined) {
    const source = { kind: "file", name: path, text: await readText(path) } as const;
    return withFreePorts(command, configure({ source, ...rest }));
  }
  if (resource !== undefined) {
    const source = { kind: "resource", value: await fetchResource(resource) } as const;
    return configure({ source, ...rest });
  }
  return withFreePorts(command, configure(rest));
}

/**
 * With files health and debugging are where metrics are, unless told otherwise; and TLS is spoken
 * when certificates are named, or Envoys of other machines can come.
 */
function defaultsWithFiles(command: Command): ContourConfigurationSpec {
  const address = said<string>(command, "httpAddress") ?? "127.0.0.1";
  // Those that share any free port begin at the usual one.
  const port = said<number>(command, "httpPort") || 8000;
  const xdsAddress = said<string>(command, "xdsAddress") ?? "127.0.0.1";
  const isSecured = ["contourCafile", "contourCertFile", "contourKeyFile"].some((name) =>
    said<string>(command, name) !== undefined
  );
  const insecure = !isSecured && isLoopback(xdsAddress);
  return {
    ...localDefaults,
    xdsServer: { ...localDefaults.xdsServer, tls: { insecure } },
    health: { address, port },
    debug: { address, port },
  };
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

/** To a configuration 0 is the same as nothing; to a flag it is any free port. */
function withFreePorts(command: Command, configured: Configured): Configured {
  if (!configured.ok) return configured;
  const { configuration } = configured;
  const { xds, metrics, health, debug, envoy } = configuration;
  const isFree = (name: string) => said<number>(command, name) === 0;
  const free = <Place extends { readonly port: number }>(place: Place, ...names: string[]): Place =>
    names.some(isFree) ? { ...place, port: 0 } : place;
  // What shares a place with metrics goes with them.
  const beside = (place: typeof health, name: string) =>
    place.address === metrics.address && place.port === metrics.port
      ? free(place, name, "httpPort")
      : free(place, name);
  return {
    ...configured,
    configuration: {
      ...configuration,
      xds: free(xds, "xdsPort"),
      metrics: free(metrics, "httpPort"),
      health: beside(health, "healthPort"),
      debug: beside(debug, "debugHttpPort"),
      envoy: {
        ...envoy,
        http: free(envoy.http, "envoyServiceHttpPort"),
        https: free(envoy.https, "envoyServiceHttpsPort"),
        metrics: free(envoy.metrics, "statsPort"),
        health: free(envoy.health, "statsPort"),
      },
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Cannot read the configuration file "${path}": ${reason}`, { cause });
  }
}

/** The value of a flag that somebody gave; `undefined` when it is the default. */
function said<Value>(command: Command, name: string): Value | undefined {
  const source = command.getOptionValueSource(name);
  if (source !== "cli" && source !== "env") return undefined;
  const value: Value = command.getOptionValue(name);
  return value;
}
