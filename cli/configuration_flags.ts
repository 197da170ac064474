import { Option } from "commander";
import { parseCount, parsed, parseIp, parseNamespace, parsePort } from "../command_line/mod.ts";

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

/** Throws a `RangeError` for what is no number from 1 to 100,000. */
function parseRouteCount(text: string): number {
  const count = parseCount(text);
  if (count >= 1 && count <= 100_000) return count;
  throw new RangeError("A number from 1 to 100000 is needed");
}
