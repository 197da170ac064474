/** A request as an access log tells of it. */
export interface LoggedRequest {
  readonly method: string;
  readonly authority: string;
  /** With query string. */
  readonly path: string;
  /** Absent: the log does not say whether it came over TLS. */
  readonly tls?: boolean;
  /** By lower-case name; those that the log happens to hold. */
  readonly headers: ReadonlyMap<string, string>;
  /** What it was answered; absent: the log does not say. */
  readonly status?: number;
}

/**
 * The request of a line in Envoy's default format, or of one object of JSON with the fields that
 * Contour, or Envoy by itself, gives them. `undefined` where it is none, or not all of it is there.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
export function parseLogLine(line: string): LoggedRequest | undefined {
  const text = line.trim();
  return text.startsWith("{") ? fromJson(text) : fromText(text);
}

const textLine = /^\[[^\]]*\] "(\S+) (\S+) [^"]*" (\d+) .*"([^"]*)" "([^"]*)" "([^"]*)"$/;

function fromText(text: string): LoggedRequest | undefined {
  const [, method = "", path = "", status = "", id = "", authority = ""] = textLine.exec(text) ??
    [];
  const agent = /"([^"]*)" "[^"]*" "[^"]*" "[^"]*"$/.exec(text)?.[1];
  return complete({
    method,
    path,
    authority,
    status,
    headers: given([["user-agent", agent], ["x-request-id", id]]),
  });
}

function fromJson(text: string): LoggedRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map(
    Object.entries(value).flatMap(([name, field]): [string, string][] =>
      typeof field === "string" || typeof field === "number"
        ? [[name.toLowerCase(), String(field)]]
        : []
    ),
  );
  const first = (...names: readonly string[]) =>
    names.map((name) => fields.get(name)).find((text) => text !== undefined && !isEmpty(text));
  const scheme = first("scheme", ":scheme", "x_forwarded_proto", "x-forwarded-proto");
  const serverName = first("requested_server_name");
  const local = first("downstream_local_address");
  const tls = scheme !== undefined
    ? scheme === "https"
    : serverName !== undefined
    ? true
    : local !== undefined && /:(80|443|8080|8443)$/.test(local)
    ? /443$/.test(local)
    : fields.has("requested_server_name")
    ? false
    : undefined;
  // Other fields may well be headers; a header of another meaning is nobody's condition.
  const headers = [...fields].map(([name, text]): [string, string] => [
    name.replaceAll("_", "-"),
    text,
  ]);
  return complete({
    method: first("method", ":method", "request_method") ?? "",
    path: first("path", ":path", "request_path", "uri") ?? "",
    authority: first("authority", ":authority", "host", "request_host") ?? "",
    status: first("response_code", "status", "code") ?? "",
    headers: given(headers.filter(([name]) => !fieldsOfOwn.has(name))),
    ...(tls === undefined ? {} : { tls }),
  });
}

const fieldsOfOwn = new Set([
  ..."method path authority host protocol duration status code uri scheme response-code".split(" "),
  ..."response-flags bytes-received bytes-sent upstream-host upstream-cluster @timestamp".split(
    " ",
  ),
]);

function complete(
  { method, path, authority, status, ...rest }: {
    readonly method: string;
    readonly path: string;
    readonly authority: string;
    readonly status: string;
    readonly headers: ReadonlyMap<string, string>;
    readonly tls?: boolean;
  },
): LoggedRequest | undefined {
  if (!/^[A-Za-z-]+$/.test(method) || !path.startsWith("/") || isEmpty(authority)) return undefined;
  return {
    method,
    path,
    authority,
    ...(/^\d+$/.test(status) ? { status: Number(status) } : {}),
    ...rest,
  };
}

function given(
  headers: readonly (readonly [string, string | undefined])[],
): ReadonlyMap<string, string> {
  return new Map(
    headers.flatMap(([name, text]): [string, string][] =>
      text === undefined || isEmpty(text) ? [] : [[name, text]]
    ),
  );
}

function isEmpty(text: string): boolean {
  return text === "" || text === "-";
}
