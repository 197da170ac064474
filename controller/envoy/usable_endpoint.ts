import { z } from "zod";
import type { Endpoint } from "../graph/mod.ts";
import type { Violation } from "../../proto/mod.ts";

/** What Envoy would say of an endpoint that {@link isUsableEndpoint} does not let pass. */
export function unusableEndpoint({ address, port }: Endpoint): Violation {
  return {
    path: `${address}:${port}`,
    rule: "address",
    message: "must be an IP address with a port",
  };
}

/** Names would make Envoy ask for a resolver, which an assignment over xDS cannot have. */
export function isUsableEndpoint({ address, port, healthPort }: Endpoint): boolean {
  return ipAddress.safeParse(address).success && isPort(port) &&
    (healthPort === undefined || isPort(healthPort));
}

const ipAddress = z.union([z.ipv4(), z.ipv6()]);

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
