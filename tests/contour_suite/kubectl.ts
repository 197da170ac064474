/** What the suites use of kubectl: `port-forward -n NAMESPACE KIND/NAME LOCAL:REMOTE`. */
import { join } from "node:path";
import { denoCommand } from "./deno_command.ts";
import { pipeBoth } from "./tcp.ts";

const [command, , namespace, object = "", ports = ""] = Deno.args;
if (command !== "port-forward") throw new Error(`kubectl ${Deno.args.join(" ")} has no stand-in`);
const [local, remote] = ports.split(":").map(Number);
const folder = join(Deno.env.get("SUITE_FOLDER") ?? "", "networks");
const name = object.replace(/^.*\//, "");
const pods = (await Array.fromAsync(Deno.readDir(folder)))
  .map((entry) => entry.name).filter((each) => each.startsWith(`${namespace}_${name}-`));
const dated = await Promise.all(
  pods.map(async (pod) => ({
    pod,
    at: (await Deno.stat(join(folder, pod))).mtime?.getTime() ?? 0,
  })),
);
const [latest] = dated.sort((a, b) => b.at - a.at);
if (latest === undefined) throw new Error(`No Pod of ${object}`);
const network = await Deno.readTextFile(join(folder, latest.pod));
const socket = join(Deno.env.get("SUITE_FOLDER") ?? "", `forward-${crypto.randomUUID()}.sock`);
const relay = new Deno.Command("nsenter", {
  args: [
    `--net=${network}`,
    ...denoCommand(new URL("./relay.ts", import.meta.url), socket, String(remote)),
  ],
}).spawn();
Deno.addSignalListener("SIGTERM", () => {
  relay.kill("SIGTERM");
  Deno.exit(0);
});
const listener = Deno.listen({ hostname: "127.0.0.1", port: local ?? 0 });
console.log(`Forwarding from 127.0.0.1:${local} -> ${remote}`);
for await (const client of listener) {
  void (async () => {
    try {
      await pipeBoth(client, await Deno.connect({ transport: "unix", path: socket }));
    } catch {
      client.close();
    }
  })();
}
