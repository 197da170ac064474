import { cpus, totalmem } from "node:os";
import { envoyVersion } from "../../controller/data_plane/mod.ts";

/** What the figures were measured on. */
export async function machine(): Promise<string> {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const kernel = (await Deno.readTextFile("/proc/sys/kernel/osrelease")).trim();
  return [
    `${processors.length} × ${
      processors[0]?.model ?? "unknown processor"
    }, ${memory} GiB, Linux ${kernel}`,
    `Deno ${Deno.version.deno} (V8 ${Deno.version.v8}), Envoy ${envoyVersion}`,
    new Date().toISOString().slice(0, 10),
  ].join("; ");
}
