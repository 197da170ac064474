import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Buffer } from "node:buffer";

/**
 * Serves pages for operators and their machines, some of which take a body. Rejects when the address
 * cannot be listened on.
 */
export async function serveHttp({ address, port, pages }: HttpOptions): Promise<HttpServer> {
  const server = createServer(limits, (request, response) => {
    void answer(request, response, pages).catch(() => response.destroy());
  });
  server.maxConnections = 200;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", (cause) => {
    const isTaken = "code" in cause && cause.code === "EADDRINUSE";
    const reason = isTaken ? "the address is in use" : cause.message;
    reject(new Error(`Cannot listen on ${address}:${port} for HTTP: ${reason}`, { cause }));
  });
  server.listen({ host: address, port }, resolve);
  await promise;
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          server.closeAllConnections();
          // There are versions of Deno that never tell that a server has closed.
          resolve();
        }, 2_000);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** Where to listen, and what there is. */
export interface HttpOptions {
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly pages: HttpPages;
}

/** What answers, by path. A page that takes a body gets it as text, of 256 KiB at most. */
export type HttpPages = Readonly<Record<string, (body: string) => HttpPage | Promise<HttpPage>>>;

/** An answer. */
export interface HttpPage {
  /** 200 when absent. */
  readonly status?: number;
  /** Plain text when absent. */
  readonly contentType?: string;
  readonly body: string;
}

/** A server that listens. */
export interface HttpServer {
  readonly port: number;
  /** Resolves when the last answer is out. */
  readonly stop: () => Promise<void>;
}

const limits = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 10_000 };
const maxBodyBytes = 256 << 10;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: HttpPages,
): Promise<void> {
  const [path = "/"] = (request.url ?? "/").split("?");
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const send = ({ status = 200, contentType = "text/plain; charset=utf-8", body }: HttpPage) => {
    response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (page === undefined) {
    const there = Object.keys(pages).join("\n");
    return send(
      path === "/"
        ? { body: `${there}\n` }
        : { status: 404, body: `Not found; there are\n${there}\n` },
    );
  }
  const body = await bodyOf(request);
  if (body === undefined) return send({ status: 413, body: "The body is too large\n" });
  try {
    send(await page(body));
  } catch {
    send({ status: 500, body: "Something went wrong that should not\n" });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const { "content-length": length = "0", "transfer-encoding": coding } = request.headers;
  // Without a body there may be no end of one to wait for: Deno 2.6 never tells.
  if (coding === undefined && length === "0") return "";
  const parts: Buffer[] = [];
  let read = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    read += bytes.length;
    if (read > maxBodyBytes) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}
