/** A place in the middle of connections, where they can be cut. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Begins to pass connections on from an address to another. Where both are one, certificates for it
 * stay good.
 */
export async function startGate({ at, port = 0, to }: GateOptions): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isShut = false;
  let passed = 0;
  const cut = () => {
    const count = sockets.size / 2;
    for (const socket of [...sockets]) socket.destroy();
    return count;
  };
  const server = createServer((near) => {
    if (isShut) return void near.destroy();
    passed++;
    const far = connect(to);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      one.on("error", () => {}); // whoever is cut off has been told
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, at, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get passed() {
      return passed;
    },
    cut,
    shut() {
      isShut = true;
      return cut();
    },
    open: () => void (isShut = false),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

/** Where a gate is. */
export interface GateOptions {
  /** The address to listen at. */
  readonly at: string;
  /** Any free one when absent. */
  readonly port?: number;
  readonly to: { readonly host: string; readonly port: number };
}

/** See {@link startGate}. */
export interface Gate extends AsyncDisposable {
  /** Where to connect to. */
  readonly port: number;
  /** Connections that came through so far. */
  readonly passed: number;
  /** Ends all connections at once, without a word; how many there were. */
  cut(): number;
  /** The same, and lets nobody in any more. */
  shut(): number;
  /** Lets everybody in again. */
  open(): void;
}
