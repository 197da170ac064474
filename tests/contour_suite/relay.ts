/** Passes connections of a Unix socket on to a port of the Pod it runs in: SOCKET PORT. */
import { pipeBoth } from "./tcp.ts";

const [path = "", port] = Deno.args;
for await (const client of Deno.listen({ transport: "unix", path })) {
  void (async () => {
    try {
      await pipeBoth(client, await Deno.connect({ hostname: "127.0.0.1", port: Number(port) }));
    } catch {
      client.close();
    }
  })();
}
