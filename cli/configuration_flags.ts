import { type Command, Option } from "commander";
import { parseCount, parsed, UsageError } from "../command_line/mod.ts";
import {
  configure,
  type Configured,
  type ContourConfigurationSpec,
} from "../controller/configuration/mod.ts";
import { localDefaults } from "../controller/local_configuration.ts";
import { parseIp, parseNamespace, parsePort } from "../controller/serve_options.ts";

/**
 * The flags of `contour serve` that say what a configuration file or a ContourConfiguration says
 * too. Their defaults are told, not set: a file comes beneath the flags, and without a cluster
 * everything stays on this machine.
 */
export function configurationOptions(): readonly Option[] {
  const ip = (name: string, description: string, address: string) =>
    new Option(`--${name} <ip>`, description).argParser(parsed(parseIp)).default(address);
  const port = (name: string, description: string, port: number) =>
    new Option(`--${name} <port>`, description).argParser(parsed(parsePort)).default(port);
  const both = "127.0.0.1 with files, else 0.0.0.0";
  const open = (name: string, description: string) =>
    new Option(`--${name} <ip>`, description).argParser(parsed(parseIp)).default("0.0.0.0", both);
  return [
    new Option("-c, --config-path <file>", "configuration file")
      .conflicts("contourConfigName"),
    new Option("--contour-config-name <name>", "ContourConfiguration that configures us"),
    new Option("--contour-cafile <file>", "CA of the certificates of Envoys")
      .env("CONTOUR_CAFILE"),
    new Option("--contour-cert-file <file>", "certificate to serve xDS with")
      .env("CONTOUR_CERT_FILE"),
    new Option("--contour-key-file <file>", "and its key").env("CONTOUR_KEY_FILE"),
    new Option("--insecure", "serve xDS without TLS").default(false, "only with files"),
    ip("xds-address", "where Envoys ask for their configuration", "127.0.0.1"),
    port("xds-port", "the same", 8001),
    open("http-address", "where /metrics is"),
    port("http-port", "the same", 8000),
    open("envoy-service-http-address", "where Envoy takes HTTP"),
    port("envoy-service-http-port", "the same", 8080),
    open("envoy-service-https-address", "where Envoy takes HTTPS"),
    port("envoy-service-https-port", "the same", 8443),
    open("stats-address", "where Envoy gives its statistics"),
    port("stats-port", "the same", 8002),
    ip("debug-http-address", "where to look into the controller", "127.0.0.1"),
    port("debug-http-port", "the same", 6060),
    open("health-address", "where /healthz and /readyz are"),
    port("health-port", "the same", 8000),
    new Option("--accesslog-format <format>", "how Envoy logs requests")
      .choices(["envoy", "json"]).default("envoy"),
    new Option("--envoy-http-access-log <file>", "where Envoy logs requests over HTTP")
      .default("/dev/stdout"),
    new Option("--envoy-https-access-log <file>", "the same over HTTPS").default("/dev/stdout"),
    new Option("--envoy-service-name <name>", "Service whose addresses go into statuses")
      .default("envoy"),
    // CONTOUR_NAMESPACE is its default, which a file beats, and so no variable of this flag.
    new Option(
      "--envoy-service-namespace <name>",
      "its namespace; that of the controller if absent",
    )
      .argParser(parsed(parseNamespace)),
    new Option("--ingress-status-address <addresses>", "addresses for statuses, with commas"),
    new Option("--max-routes-per-host <number>", "routes that the includes of a host may come to")
      .argParser(parsed(parseRouteCount)),
    new Option("--use-proxy-protocol", "connections begin with a PROXY header").default(false),
  ];
}

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

/** Throws a `RangeError` for what is no number from 1 to 100,000. */
function parseRouteCount(text: string): number {
  const count = parseCount(text);
  if (count >= 1 && count <= 100_000) return count;
  throw new RangeError("A number from 1 to 100000 is needed");
}
