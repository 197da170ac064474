/** A real Envoy whose rate limit filter asks the service under test. */
import { envoyBinary } from "../../../controller/data_plane/mod.ts";
import { startBackend } from "../../../tests/support/backend.ts";
import { listenPlace } from "../../../tests/support/envoy.ts";
import { type HttpAnswer, type HttpRequest, send } from "../../../tests/support/http_client.ts";
import { eventually } from "../../../tests/support/wait.ts";

/** A running Envoy, and a backend behind it. */
export interface LimitedEnvoy extends AsyncDisposable {
  readonly get: (path: string, headers?: HttpRequest["headers"]) => Promise<HttpAnswer>;
  /** Sends requests one after the other; the statuses in their order. */
  readonly statuses: (
    count: number,
    path: string,
    headers?: HttpRequest["headers"],
  ) => Promise<number[]>;
  readonly address: string;
  readonly port: number;
}

/** What Envoy is to do. */
export interface LimitedEnvoyOptions {
  /** Ports of the service, one for each replica. */
  readonly ports: readonly number[];
  /** By path: the `rate_limits` of a route, or its `RateLimitPerRoute`. */
  readonly routes: Readonly<Record<string, RouteLimits>>;
  /** More fields of the filter. */
  readonly filter?: Readonly<Record<string, unknown>>;
  /** Filters before it. */
  readonly before?: readonly Readonly<Record<string, unknown>>[];
}

/** Limits of a route. */
export type RouteLimits =
  | { readonly kind: "route"; readonly limits: readonly unknown[] }
  | { readonly kind: "filter"; readonly limits: readonly unknown[] };

const types = "type.googleapis.com/envoy.extensions.filters";

/** Starts an Envoy, and waits until it answers. */
export async function startLimitedEnvoy(options: LimitedEnvoyOptions): Promise<LimitedEnvoy> {
  const backend = await startBackend({ name: "behind" });
  const place = listenPlace();
  const folder = await Deno.makeTempDir();
  const file = `${folder}/envoy.json`;
  await Deno.writeTextFile(
    file,
    JSON.stringify(bootstrap(options, { ...place, backend: backend.port })),
  );
  const process = new Deno.Command(await envoyBinary(), {
    args: ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "critical"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const target = { address: place.address, port: place.http };
  const get: LimitedEnvoy["get"] = (path, headers = {}) =>
    send(target, { host: "shop.example.com", path, headers });
  await eventually("Envoy answers", async () => (await get("/ready")).status === 200, {
    withinMs: 30_000,
  });
  return {
    get,
    address: place.address,
    port: place.http,
    async statuses(count, path, headers) {
      const statuses: number[] = [];
      for (let i = 0; i < count; i++) statuses.push((await get(path, headers)).status);
      return statuses;
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
      await backend[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function bootstrap(
  { ports, routes, filter = {}, before = [] }: LimitedEnvoyOptions,
  place: { readonly address: string; readonly http: number; readonly backend: number },
): unknown {
  const router = { name: "router", typed_config: { "@type": `${types}.http.router.v3.Router` } };
  const limiter = {
    name: "envoy.filters.http.ratelimit",
    typed_config: {
      "@type": `${types}.http.ratelimit.v3.RateLimit`,
      domain: "edge",
      // The machine may be busy: whether the service is quick is measured elsewhere.
      timeout: "5s",
      failure_mode_deny: true,
      enable_x_ratelimit_headers: "DRAFT_VERSION_03",
      rate_limit_service: {
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: "limits" } },
      },
      ...filter,
    },
  };
  return {
    static_resources: {
      listeners: [{
        address: socketAddress(place.address, place.http),
        filter_chains: [{
          filters: [{
            name: "http",
            typed_config: {
              "@type": `${types}.network.http_connection_manager.v3.HttpConnectionManager`,
              stat_prefix: "http",
              http_filters: [...before, limiter, router],
              route_config: {
                virtual_hosts: [{
                  name: "all",
                  domains: ["*"],
                  routes: [...Object.entries(routes), ["/ready", undefined] as const]
                    .map(([prefix, limits]) => route(prefix, limits)),
                }],
              },
            },
          }],
        }],
      }],
      clusters: [
        cluster("behind", [place.backend]),
        {
          ...cluster("limits", ports),
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
        },
      ],
    },
  };
}

function route(prefix: string, limits: RouteLimits | undefined): unknown {
  const perRoute =
    "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute";
  return {
    match: { prefix },
    route: {
      cluster: "behind",
      ...(limits?.kind === "route" ? { rate_limits: limits.limits } : {}),
    },
    ...(limits?.kind === "filter"
      ? {
        typed_per_filter_config: {
          "envoy.filters.http.ratelimit": { "@type": perRoute, rate_limits: limits.limits },
        },
      }
      : {}),
  };
}

function cluster(name: string, ports: readonly number[]): Readonly<Record<string, unknown>> {
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{
        lb_endpoints: ports.map((port) => ({
          endpoint: { address: socketAddress("127.0.0.1", port) },
        })),
      }],
    },
  };
}

function socketAddress(address: string, port: number): unknown {
  return { socket_address: { address, port_value: port } };
}
