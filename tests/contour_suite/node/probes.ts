/** Asking containers how they are, and telling them that they are to end. */
import type { Container, Probe } from "./pod.ts";

/** Whether a probe is answered as it should. Commands are not run: they count as fine. */
export async function answersProbe(
  { httpGet, tcpSocket }: Probe,
  address: string,
  container: Container,
): Promise<boolean> {
  try {
    if (httpGet !== undefined) {
      const port = portOf(httpGet.port, container);
      const answer = await fetch(`http://${address}:${port}${httpGet.path ?? "/"}`, {
        signal: AbortSignal.timeout(1_000),
      });
      await answer.body?.cancel();
      return answer.status >= 200 && answer.status < 400;
    }
    if (tcpSocket !== undefined) {
      const port = portOf(tcpSocket.port, container);
      (await Deno.connect({ hostname: address, port })).close();
    }
    return true;
  } catch {
    return false;
  }
}

function portOf(port: number | string, { ports }: Container): number {
  if (typeof port === "number") return port;
  const named = (ports ?? []) as readonly {
    readonly name?: string;
    readonly containerPort: number;
  }[];
  return named.find(({ name }) => name === port)?.containerPort ?? 0;
}
