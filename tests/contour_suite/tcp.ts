/** TCP connections that are passed on. */

/** Where to connect to; undefined when there is nobody at the moment. */
export type Target = () => Promise<Deno.Conn> | undefined;

/** Listens until closed, and passes each connection on to where `target` leads at that moment. */
export function passOn(place: { hostname: string; port: number }, target: Target): Disposable {
  const listener = Deno.listen(place);
  const open = new Set<Deno.Conn>();
  void (async () => {
    for await (const client of listener) void connect(client, target, open).catch(() => {});
  })().catch((error) => {
    if (!(error instanceof Deno.errors.BadResource)) console.error(place, error);
  });
  return {
    [Symbol.dispose]() {
      listener.close();
      for (const connection of open) close(connection);
    },
  };
}

async function connect(client: Deno.Conn, target: Target, open: Set<Deno.Conn>): Promise<void> {
  let server: Deno.Conn | undefined;
  open.add(client);
  try {
    server = await target();
    if (server === undefined) return;
    open.add(server);
    await pipeBoth(client, server);
  } finally {
    for (const connection of [client, server]) {
      if (connection === undefined) continue;
      open.delete(connection);
      close(connection);
    }
  }
}

/** Copies both directions until both have ended. */
export async function pipeBoth(one: Deno.Conn, other: Deno.Conn): Promise<void> {
  await Promise.allSettled([
    one.readable.pipeTo(other.writable),
    other.readable.pipeTo(one.writable),
  ]);
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // closed with its streams
  }
}
