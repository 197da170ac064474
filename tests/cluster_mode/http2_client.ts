/** A client of HTTP/2 as browsers are: it keeps its connection until it is asked to leave. */
import { connect as connectHttp2 } from "node:http2";
import type { ListenPlace } from "../support/envoy.ts";
import { connect } from "../support/http_client.ts";
import { within } from "../support/wait.ts";

/** Connects to a host with TLS. */
export async function openHttp2(
  { address, https: port }: ListenPlace,
  { host, ca }: { readonly host: string; readonly ca: string },
): Promise<Http2Client> {
  const socket = await connect({ address, port, tls: { ca, serverName: host } }, ["h2"]);
  const session = connectHttp2(`https://${host}`, { createConnection: () => socket });
  let problem: Error | undefined;
  session.on("error", (error) => problem = error);
  const isAskedToLeave = new Promise<void>((resolve) => session.once("goaway", () => resolve()));
  return {
    isAskedToLeave,
    async ask(headers = {}) {
      if (problem !== undefined) throw problem;
      const stream = session.request({ ":authority": host, ":path": "/", ...headers });
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      let status = 0;
      stream.on("response", ({ ":status": code = 0 }) => status = code);
      stream.on("end", () => resolve(status));
      stream.on("error", reject);
      stream.resume();
      stream.end();
      return await within(`${host} answers by HTTP/2`, promise, 20_000);
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

/** See {@link openHttp2}. */
export interface Http2Client extends Disposable {
  /** Asks for `/` and resolves with the status once the whole answer is there. */
  ask(headers?: Readonly<Record<string, string>>): Promise<number>;
  /** Resolves when the other side wants no more requests on this connection (GOAWAY). */
  readonly isAskedToLeave: Promise<void>;
}
