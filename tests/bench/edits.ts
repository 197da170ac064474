import type { Answer } from "./client.ts";
import type { BenchGateway } from "./gateway.ts";
import { type BenchWorld, fqdn } from "./world.ts";

/** What one kind of change costs, per change. */
export interface Measurement {
  readonly change: string;
  /** From before the file was written to the first answer that differs, each. */
  readonly seenMs: readonly number[];
  /** On average. */
  readonly memosVisited: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

/** Makes every kind of change `count` times. The world is as it was in the end. */
export async function measureEdits(
  world: BenchWorld,
  gateway: BenchGateway,
  count: number,
): Promise<Measurement[]> {
  const [left, right] = world.backends;
  const host = (step: number) => (step * 37) % world.hosts;
  /** What the route edits left behind: endpoints change alone. */
  const revisions = new Map<number, number>();
  for (let step = 0; step < count; step++) revisions.set(host(step), step + 1);
  /** Where a host's endpoint goes, the more often it comes round. */
  const backend = (step: number) => Math.floor(step / world.hosts) % 2 === 0 ? right : left;
  const fresh = (step: number) => world.hosts + step;
  return [
    await measure(gateway, "route edit", count, (step) => ({
      write: () => world.write(host(step), { revision: step + 1, backend: left }),
      host: fqdn(host(step)),
      seen: ({ revision }) => revision === String(step + 1),
    })),
    await measure(gateway, "endpoint change", count, (step) => ({
      write: () => {
        const revision = revisions.get(host(step)) ?? 0;
        return world.write(host(step), { revision, backend: backend(step) });
      },
      host: fqdn(host(step)),
      seen: ({ body }) => body.includes(backend(step).name),
    })),
    await measure(gateway, "new host", count, (step) => ({
      write: () => world.write(fresh(step), { revision: 0, backend: left }),
      host: fqdn(fresh(step)),
      seen: ({ status }) => status === 200,
    })),
    await measure(gateway, "deleted host", count, (step) => ({
      write: () => world.remove(fresh(step)),
      host: fqdn(fresh(step)),
      seen: ({ status }) => status === 404,
    })),
  ];
}

interface Change {
  readonly write: () => Promise<void>;
  readonly host: string;
  readonly seen: (answer: Answer) => boolean;
}

async function measure(
  gateway: BenchGateway,
  change: string,
  count: number,
  changeOf: (step: number) => Change,
): Promise<Measurement> {
  const idleMsPerMs = await idleCost(gateway);
  const before = await gateway.metrics();
  const bytesBefore = await gateway.bytesSent();
  const cpuBefore = await gateway.controllerCpuMs();
  const begin = performance.now();
  const seenMs: number[] = [];
  for (let step = 0; step < count; step++) {
    const { write, host, seen } = changeOf(step);
    const start = performance.now();
    await write();
    while (!seen(await gateway.client.get(host))) {
      if (performance.now() - start > 30_000) throw new Error(`${change} of ${host} is never seen`);
    }
    seenMs.push(performance.now() - start);
  }
  await settled(gateway);
  const cpuMs = await gateway.controllerCpuMs() - cpuBefore -
    (performance.now() - begin) * idleMsPerMs;
  const after = await gateway.metrics();
  const perChange = (name: string) => (after(name) - before(name)) / count;
  return {
    change,
    seenMs,
    memosVisited: perChange("contour_engine_memos_visited_total"),
    cpuMs: Math.max(0, cpuMs / count),
    bytes: (await gateway.bytesSent() - bytesBefore) / count,
  };
}

/** What the controller uses while nothing happens, per millisecond. */
async function idleCost(gateway: BenchGateway): Promise<number> {
  const cpu = await gateway.controllerCpuMs();
  const begin = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return (await gateway.controllerCpuMs() - cpu) / (performance.now() - begin);
}

/** Waits until everything that was sent late (removals) is sent. */
async function settled(gateway: BenchGateway): Promise<void> {
  let bytes = NaN;
  for (;;) {
    const now = await gateway.bytesSent();
    if (now === bytes) return;
    bytes = now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
