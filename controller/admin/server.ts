import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { followTlsFiles, type TlsFilePaths, type TlsFilesEvent } from "../certs/mod.ts";

/**
 * Serves pages for operators and their machines until the signal aborts. Rejects when the address
 * cannot be listened on, or the certificates cannot be used.
 */
export async function servePages(options: PagesOptions): Promise<PagesServer> {
  const { address, port, signal } = options;
  const server = await makeServer(options);
  await listen(server, options);
  const finished = Promise.withResolvers<void>();
  server.on("close", () => finished.resolve());
  const close = () => {
    server.close();
    server.closeIdleConnections();
    // Whoever still downloads by then does so for ever.
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.on("close", () => clearTimeout(timer));
  };
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  // Without a path this is where it listens.
  const bound = server.address() as AddressInfo | null;
  return { address, port: bound?.port ?? port, finished: finished.promise };
}

/** Where to listen, and what there is. */
export interface PagesOptions {
  /** An IP address. */
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absent: without TLS. With `caFile` clients have to show a certificate. */
  readonly tls?: TlsFilePaths;
  /** By path. */
  readonly pages: Pages;
  /** Told of the files of `tls`. */
  readonly onTlsEvent?: (event: TlsFilesEvent) => void;
  readonly signal: AbortSignal;
}

/** What answers to GET, by path. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

/** An answer. */
export interface Page {
  /** 200 when absent. */
  readonly status?: number;
  /** Text when absent. */
  readonly contentType?: string;
  readonly body: string;
}

/** A server that listens already. */
export interface PagesServer {
  readonly address: string;
  readonly port: number;
  /** Settles when the last answer is out after the signal aborted. */
  readonly finished: Promise<void>;
}

const graceMs = 5_000;

/** Nobody has reason to send more. */
const limits = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 10_000 };

type Server = ReturnType<typeof createServer>;

async function makeServer(options: PagesOptions): Promise<Server> {
  const { tls, pages, signal, onTlsEvent = () => {} } = options;
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, pages);
  };
  if (tls === undefined) return createServer(limits, handler);
  let server: ReturnType<typeof createTlsServer> | undefined;
  await followTlsFiles(tls, {
    signal,
    onEvent: onTlsEvent,
    use({ ca, certificate, privateKey }) {
      const context = {
        cert: certificate,
        key: privateKey,
        minVersion: "TLSv1.3" as const,
        ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
      };
      if (server === undefined) server = createTlsServer({ ...limits, ...context }, handler);
      else server.setSecureContext(context);
    },
  });
  if (server === undefined) throw new TypeError("Files that could be read are used");
  return server;
}

function listen(server: Server, { address, port }: PagesOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", (cause) => {
    const what = `Cannot listen on ${address}:${port} for metrics and health`;
    reject(new Error(`${what}: ${reason(cause)}`, { cause }));
  });
  server.listen({ port, host: address }, resolve);
  return promise;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
): Promise<void> {
  const send = (page: Page, headers: Record<string, string> = {}) => {
    const { status = 200, contentType = "text/plain; charset=utf-8", body } = page;
    const text = body.endsWith("\n") ? body : `${body}\n`;
    response.writeHead(status, {
      "content-type": contentType,
      "cache-control": "no-store",
      ...headers,
    });
    response.end(request.method === "HEAD" ? undefined : text);
  };
  if (request.method !== "GET" && request.method !== "HEAD") {
    return send({ status: 405, body: "Only GET is answered here" }, { allow: "GET, HEAD" });
  }
  const [path = "/"] = (request.url ?? "/").split("?");
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  try {
    if (page !== undefined) send(await page());
    else if (path === "/") send({ body: Object.keys(pages).join("\n") });
    else {
      const body = `Not found; there are ${Object.keys(pages).join(", ")}`;
      send({ status: 404, body });
    }
  } catch (error) {
    send({ status: 500, body: `Cannot answer: ${reason(error)}` });
  }
}

function reason(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return "the address is in use";
  }
  return error instanceof Error ? error.message : String(error);
}
