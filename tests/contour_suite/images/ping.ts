/** A gRPC service with a method `Ping`, that answers `pong`. */
import { Buffer } from "node:buffer";
import { serveGrpc } from "./grpc_server.ts";
import type { OwnImage } from "./mod.ts";

/** See above; it listens at port 9000. */
export const servePing: OwnImage = ({ address }) =>
  serveGrpc({
    address,
    port: 9000,
    path: "/yages.Echo/Ping",
    // A message with `pong` as its first field.
    answer: () => Buffer.from([10, 4, ...new TextEncoder().encode("pong")]),
  });
