/** Questions to Envoy's [admin interface](https://www.envoyproxy.io/docs/envoy/latest/operations/admin). */
import { request } from "node:http";
import type { Address } from "./address.ts";

export interface AdminAnswer {
  /** The HTTP status. */
  readonly status: number;
  readonly body: string;
}

/**
 * What the admin interface answers to GET on `path` (`/config_dump?include_eds`). Rejects where
 * nobody listens, with the reason of `signal` where that ends it.
 */
export function adminGet(
  admin: Address,
  path: string,
  signal?: AbortSignal,
): Promise<AdminAnswer> {
  return adminRequest(admin, "GET", path, signal);
}

/** What it answers to POST, which is how it takes orders (`/healthcheck/fail`). Rejects likewise. */
export function adminPost(
  admin: Address,
  path: string,
  signal?: AbortSignal,
): Promise<AdminAnswer> {
  return adminRequest(admin, "POST", path, signal);
}

function adminRequest(
  admin: Address,
  method: "GET" | "POST",
  path: string,
  signal: AbortSignal | undefined,
): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const at = "path" in admin
      ? { socketPath: admin.path }
      : { host: admin.address, port: admin.port };
    // No kept connections: Envoy comes and goes, and each of its lives answers for itself.
    const asked = request({ ...at, method, path, agent: false, headers: { host: "envoy-admin" } });
    const end = () => asked.destroy();
    signal?.addEventListener("abort", end);
    const settle = (finish: () => void) => {
      signal?.removeEventListener("abort", end);
      finish();
    };
    const fail = (cause: unknown) => settle(() => reject(signal?.aborted ? signal.reason : cause));
    asked.on("error", fail);
    asked.on("response", (response) => {
      const parts: Uint8Array[] = [];
      response.on("data", (part: Uint8Array) => parts.push(part));
      response.on("error", fail);
      response.on("aborted", () => fail(new Error(`Cannot read ${path}: the answer broke off`)));
      response.on("end", () => {
        const decoder = new TextDecoder();
        const body = parts.map((part) => decoder.decode(part, { stream: true })).join("");
        settle(() => resolve({ status: response.statusCode ?? 0, body: body + decoder.decode() }));
      });
    });
    asked.end();
  });
}

/**
 * Waits until Envoy says that it is ready: that it has its first listeners and clusters and accepts
 * connections. There is no limit but `signal`, whose reason it rejects with, as the `cause` of an
 * `Error` that tells how far Envoy came.
 */
export async function waitUntilReady(admin: Address, signal: AbortSignal): Promise<void> {
  let last = "no answer yet";
  while (true) {
    try {
      const { status, body } = await adminGet(admin, "/ready", signal);
      if (status === 200) return;
      last = `it is ${body.trim()}`;
    } catch (cause) {
      if (!signal.aborted) last = cause instanceof Error ? cause.message : String(cause);
    }
    if (signal.aborted) {
      throw new Error(`Envoy did not become ready: ${last}`, { cause: signal.reason });
    }
    await pause(25, signal);
  }
}

/** Some milliseconds, or less when `signal` ends it. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
