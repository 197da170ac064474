import { z } from "zod";
import { UsageError } from "../command_line/mod.ts";
import type { Diagnostic, ObjectKey } from "../controller/api/mod.ts";
import { type Address, type AdminAnswer, adminGet } from "../controller/data_plane/mod.ts";
import type { ObjectStatus } from "../controller/status/mod.ts";

/**
 * What a running controller says of its objects, which no file tells: what its Envoys refuse is part
 * of it. `address` is that of its debug pages: `host:port`, or a URL. Throws a `UsageError` when it
 * cannot be asked.
 */
export async function readServing(address: string): Promise<readonly ServedStatus[]> {
  const at = addressOf(address);
  const fail = (reason: string, cause?: unknown) =>
    new UsageError(`Cannot ask the controller at "${address}": ${reason}`, { cause });
  let answer: AdminAnswer;
  try {
    answer = await adminGet(at, page, AbortSignal.timeout(answerMs));
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "TimeoutError") {
      throw fail(`no answer within ${answerMs / 1_000} s`, cause);
    }
    throw fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const hint = "is that where its debug pages are (--debug-http-port)?";
  if (answer.status !== 200) throw fail(`it answers ${answer.status} to ${page}: ${hint}`);
  try {
    return Page.parse(JSON.parse(answer.body)).statuses;
  } catch (cause) {
    throw fail(`its answer cannot be read: ${hint}`, cause);
  }
}

/** The status of an object, and what a table shows beside it. */
export interface ServedStatus extends Pick<ObjectStatus, "key" | "status" | "diagnostics"> {
  /** "": none. */
  readonly fqdn: string;
  readonly tlsSecret: string;
}

const answerMs = 30_000;

const page = "/debug/statuses";

function addressOf(address: string): Address {
  const text = address.includes("://") ? address : `http://${address}`;
  const { protocol = "", hostname = "", port = "" } = URL.canParse(text) ? new URL(text) : {};
  if (protocol === "http:" && hostname !== "") {
    return { address: hostname.replace(/^\[|\]$/g, ""), port: Number(port || "80") };
  }
  throw new UsageError(`--serving: "${address}" is no address: host:port, or a URL of http`);
}

// The rest is what we wrote ourselves.
const Page = z.object({
  statuses: z.array(z.object({
    key: z.custom<ObjectKey>((value) => typeof value === "object" && value !== null),
    fqdn: z.string(),
    tlsSecret: z.string(),
    status: z.custom<ObjectStatus["status"]>((value) => typeof value !== "string").optional(),
    diagnostics: z.array(z.custom<Diagnostic>((value) => typeof value === "object")),
  })),
}) as z.ZodType<{ readonly statuses: readonly ServedStatus[] }>;
