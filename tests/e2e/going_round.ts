/** Attempts to reach a protected host without what it asks for. */
import type { ListenPlace } from "../support/envoy.ts";
import { type HttpAnswer, type HttpRequest, send, sendHttp2 } from "../support/http_client.ts";

/** What a protected host is, and what stands beside it. */
export interface Ways {
  readonly place: ListenPlace;
  /** The host, in lower case, and a path that is protected. */
  readonly host: string;
  readonly path: string;
  /** A host that anybody may enter, over TLS too. */
  readonly openHost: string;
  /** A path of the protected host that anybody may enter; it ends without a slash. */
  readonly openPath: string;
  /** PEM of whom to trust. */
  readonly ca: string;
}

/** What an attempt came to: a status, or `refused` where no connection was to be had. */
export interface Attempt {
  readonly name: string;
  readonly outcome: number | "refused";
  /** The backend that answered; absent: none did. */
  readonly backend?: string;
}

/** Tries all ways. Each goes for the protected path of the protected host, by some disguise. */
export async function goRound(ways: Ways): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  for (const [name, ask] of Object.entries(disguises(ways))) {
    const answer = await ask().catch(() => undefined);
    const backend = answer?.headers["x-backend"];
    attempts.push({
      name,
      outcome: answer?.status ?? "refused",
      ...(backend === undefined ? {} : { backend }),
    });
  }
  return attempts;
}

function disguises(ways: Ways): Readonly<Record<string, () => Promise<HttpAnswer>>> {
  const { place: { address, http, https }, host, path, openHost, openPath, ca } = ways;
  const secure = (serverName: string | undefined, request: HttpRequest) => () =>
    send({
      address,
      port: https,
      tls: { ca, ...(serverName === undefined ? {} : { serverName }) },
    }, request);
  const plain = (request: HttpRequest) => () => send({ address, port: http }, request);
  return {
    "as it is": secure(host, { host, path }),
    "by HTTP/2": () =>
      sendHttp2({ address, port: https, tls: { ca, serverName: host } }, { host, path }),
    "upper-case host": secure(host, { host: host.toUpperCase(), path }),
    "host with port": secure(host, { host: `${host}:443`, path }),
    "host with another port": secure(host, { host: `${host}:8443`, path }),
    "host with a dot at its end": secure(host, { host: `${host}.`, path }),
    "dot in both names": secure(`${host}.`, { host: `${host}.`, path }),
    "absolute form": secure(host, { host, path: `https://${host}${path}` }),
    "absolute form for another host": secure(host, {
      host: openHost,
      path: `http://${host}${path}`,
    }),
    "connection of another host": secure(openHost, { host, path }),
    "connection of another host, absolute form": secure(openHost, {
      host: openHost,
      path: `https://${host}${path}`,
    }),
    "connection of another host, by HTTP/2": () =>
      sendHttp2({ address, port: https, tls: { ca, serverName: openHost } }, { host, path }),
    "no server name": secure(undefined, { host, path }),
    "unknown server name": secure(`nobody.${host.split(".").slice(1).join(".")}`, { host, path }),
    "two slashes": secure(host, { host, path: `/${path}` }),
    "two slashes behind what is open": secure(host, { host, path: `${openPath}/..//${path}` }),
    "dots behind what is open": secure(host, { host, path: `${openPath}/..${path}` }),
    "coded dots behind what is open": secure(host, { host, path: `${openPath}/%2e%2e${path}` }),
    "coded slash": secure(host, { host, path: `/%2f${path.slice(1)}` }),
    "coded letters": secure(host, {
      host,
      path: `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`,
    }),
    "upper case of what is open": secure(host, { host, path: openPath.toUpperCase() }),
    "query like what is open": secure(host, { host, path: `${path}?${openPath}` }),
    "fragment like what is open": secure(host, { host, path: `${path}#${openPath}` }),
    "header that names the path": secure(host, {
      host,
      path,
      headers: { "x-original-url": openPath, "x-envoy-original-path": openPath },
    }),
    "header that names the host": secure(host, {
      host,
      path,
      headers: { "x-forwarded-host": openHost },
    }),
    "preflight": secure(host, {
      host,
      path,
      method: "OPTIONS",
      headers: { origin: "https://evil.test", "access-control-request-method": "GET" },
    }),
    "upgrade": secure(host, {
      host,
      path,
      headers: { connection: "Upgrade", upgrade: "websocket" },
    }),
    "without TLS": plain({ host, path }),
    "without TLS, upper case": plain({ host: host.toUpperCase(), path }),
    "without TLS, absolute form": plain({ host: openHost, path: `http://${host}${path}` }),
    "without TLS, with a dot": plain({ host: `${host}.`, path }),
    "without TLS, as if it had been with": plain({
      host,
      path,
      headers: { "x-forwarded-proto": "https" },
    }),
  };
}

/** A root HTTPProxy, as JSON, that ends TLS. */
export function secureRoot(
  fqdn: string,
  virtualhost: Readonly<Record<string, unknown>>,
  routes: readonly Readonly<Record<string, unknown>>[],
  spec: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: fqdn.replace("*", "wildcard"), namespace: "default" },
    spec: {
      virtualhost: { fqdn, tls: { secretName: "certificate" }, ...virtualhost },
      routes,
      ...spec,
    },
  });
}
