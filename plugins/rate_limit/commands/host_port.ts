/** `127.0.0.1:8081`, `[::1]:8081`, `:8081`, or a path. Throws a `RangeError` that says so. */
export function parseHostPort(text: string): HostPort {
  if (text.startsWith("/") || text.startsWith("unix:")) {
    return { kind: "socket", path: text.replace(/^unix:(\/\/)?/, "") };
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new RangeError("An address with a port is needed, such as 127.0.0.1:8081");
  }
  return { kind: "tcp", address: bracketed ?? (plain || "0.0.0.0"), port: Number(port) };
}

/** An address with its port, or a path. */
export type HostPort =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string };
