import type { Client } from "./client.ts";

/** A controller with an Envoy, as far as the measurements look at them. */
export interface BenchGateway {
  /** Of its Envoy. */
  readonly client: Client;
  /** Of the controller. */
  metrics(): Promise<Metrics>;
  /** Bytes of resources that Envoy was sent. */
  bytesSent(): Promise<number>;
  /** Time the controller was on a processor, in milliseconds, all threads together. */
  controllerCpuMs(): Promise<number>;
}

/** The value of a metric by name, summed over its labels; 0 when there is none. */
export type Metrics = (name: string) => number;

/** Metrics, as they are at this moment. */
export async function metricsAt(url: string): Promise<Metrics> {
  const lines = (await (await fetch(url)).text()).split("\n");
  return (name) =>
    lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Time a process was on a processor, in milliseconds, all threads together. */
export async function cpuMs(pid: number): Promise<number> {
  let nanoseconds = 0;
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const path = `/proc/${pid}/task/${name}/schedstat`;
    const text = await Deno.readTextFile(path).catch(() => "0");
    nanoseconds += Number(text.split(" ")[0]);
  }
  return nanoseconds / 1e6;
}

/** Memory of a process in RAM, in bytes. */
export async function rss(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024;
}
