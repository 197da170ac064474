import type { Registry } from "prom-client";
import type { Pages } from "./server.ts";

/** `/metrics`, for Prometheus. `others` are appended, in the same format. */
export function metricsPages(
  registry: Registry,
  others: () => Promise<string> = () => Promise.resolve(""),
): Pages {
  return {
    "/metrics": async () => ({
      contentType: registry.contentType,
      body: await registry.metrics() + await others(),
    }),
  };
}

/**
 * How the process is: `/healthz` (and `/health`, as Contour has it) says whether all that it depends
 * on is there, `/livez` whether the process itself does its work, `/readyz` whether Envoys may come.
 */
export function healthPages({ health, readiness }: {
  readonly health: () => Promise<Verdict>;
  readonly readiness: () => Verdict;
}): Pages {
  const page = async (ask: () => Verdict | Promise<Verdict>) => {
    const { ok, reasons } = await ask();
    return ok ? { body: "OK" } : { status: 503, body: reasons.join("\n") };
  };
  return {
    "/healthz": () => page(health),
    "/health": () => page(health),
    "/livez": () => ({ body: "OK" }),
    "/readyz": () => page(readiness),
  };
}

/** Whether all is well; if not, why. */
export interface Verdict {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** All is well. */
export const allWell: Verdict = { ok: true, reasons: [] };
