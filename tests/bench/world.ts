import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** So many hosts, with one of two backends behind each, wherever their objects are. */
export interface BenchWorld extends AsyncDisposable {
  readonly hosts: number;
  readonly backends: readonly [Backend, Backend];
  /** Writes the objects of a host. */
  write(host: number, form: HostForm): Promise<void>;
  /** Removes them. */
  remove(host: number): Promise<void>;
}

/** A backend that answers with its name. */
export interface Backend {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** What may differ between the objects of a host. */
export interface HostForm {
  /** Answered in the header `x-revision`. */
  readonly revision: number;
  readonly backend: Backend;
}

/** The name of a host. */
export function fqdn(host: number): string {
  return `host-${host}.example.com`;
}

/** Starts the two backends at two addresses. */
export async function startBackends(
  addresses: readonly [string, string],
): Promise<AsyncDisposable & { readonly both: readonly [Backend, Backend] }> {
  const left = await startBackend("left", addresses[0]);
  const right = await startBackend("right", addresses[1]);
  return {
    both: [left.backend, right.backend],
    async [Symbol.asyncDispose]() {
      for (const { server } of [left, right]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function startBackend(
  name: string,
  address: string,
): Promise<{ readonly server: Server; readonly backend: Backend }> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return { server, backend: { name, address, port: (server.address() as AddressInfo).port } };
}
