import { UsageError } from "../command_line/mod.ts";
import { type Address, adminGet, parseAddress } from "../controller/data_plane/mod.ts";
import { type EnvoySnapshot, readConfigDump } from "../explain/mod.ts";

/**
 * What an Envoy runs by: asked of its admin interface (`host:port`, a URL, or the path of its socket),
 * or read from a file that holds the answer. Throws a `UsageError` when it cannot be had.
 */
export async function readEnvoy(admin: string): Promise<EnvoySnapshot> {
  const text = await dumpOf(admin);
  try {
    return readConfigDump(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Cannot read the configuration of Envoy at "${admin}": ${reason}`, {
      cause,
    });
  }
}

async function dumpOf(admin: string): Promise<string> {
  if (await isFile(admin)) return await Deno.readTextFile(admin);
  const { address, base } = addressOf(admin);
  const path = `${base}/config_dump?include_eds`;
  let answer: Awaited<ReturnType<typeof adminGet>>;
  try {
    answer = await adminGet(address, path, AbortSignal.timeout(answerMs));
  } catch (cause) {
    const reason = cause instanceof DOMException && cause.name === "TimeoutError"
      ? `no answer within ${answerMs / 1_000} s`
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new UsageError(`Cannot ask Envoy at "${admin}": ${reason}`, { cause });
  }
  if (answer.status === 200) return answer.body;
  throw new UsageError(
    `Cannot ask Envoy at "${admin}": it answers ${answer.status} to ${path}: is that its admin interface?`,
  );
}

const answerMs = 30_000;

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

function addressOf(admin: string): { readonly address: Address; readonly base: string } {
  if (/^http:\/\//i.test(admin) && URL.canParse(admin)) {
    const { hostname, port, pathname } = new URL(admin);
    const address = { address: hostname.replace(/^\[|\]$/g, ""), port: Number(port || "80") };
    return { address, base: pathname.replace(/\/(config_dump)?$/, "") };
  }
  const address = /^https?:/i.test(admin) ? undefined : parseAddress(admin);
  if (address !== undefined) return { address, base: "" };
  throw new UsageError(
    `"${admin}" is no place of an admin interface: 127.0.0.1:9001 and http://127.0.0.1:9001 are`,
  );
}
