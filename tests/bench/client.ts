/** An answer, as far as the measurements look at it. */
export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  readonly revision: string;
  readonly body: string;
}

/**
 * GET over one connection that is kept: what a request costs here is small beside what is measured.
 * Speaks as much HTTP/1.1 as Envoy's answers need.
 */
export class Client {
  readonly #port: number;
  #connection: Deno.TcpConn | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Asks a host for `/`. */
  async get(host: string): Promise<Answer> {
    try {
      this.#connection ??= await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
      this.#connection.setNoDelay();
      return await exchange(this.#connection, host);
    } catch {
      this.close();
      // Nobody listens yet, or the connection was drained; the caller decides how long to go on.
      await new Promise((resolve) => setTimeout(resolve, 2));
      return { status: 0, revision: "", body: "" };
    }
  }

  /** Ends the connection. */
  close(): void {
    try {
      this.#connection?.close();
    } catch {
      // Closed by the other side already.
    }
    this.#connection = undefined;
  }
}

async function exchange(connection: Deno.TcpConn, host: string): Promise<Answer> {
  await connection.write(new TextEncoder().encode(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`));
  const buffer = new Uint8Array(16_384);
  let text = "";
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("Connection closed");
    text += new TextDecoder().decode(buffer.subarray(0, count));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const head = text.slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (
      /transfer-encoding: chunked/i.test(head)
        ? !text.endsWith("0\r\n\r\n")
        : text.length < end + 4 + length
    ) {
      continue;
    }
    return {
      status: Number(head.slice(9, 12)),
      revision: /x-revision: (\S+)/i.exec(head)?.[1] ?? "",
      body: text.slice(end + 4),
    };
  }
}
