/** A client of the service as others write it, with the library of gRPC. */
import { Buffer } from "node:buffer";
import * as grpc from "@grpc/grpc-js";
import { decode, encode, type Message } from "../../../proto/mod.ts";

/** A client that calls methods by their path. */
export interface GrpcClient extends Disposable {
  /** Sends bytes and answers bytes. */
  readonly call: (path: string, message: Uint8Array, options?: grpc.CallOptions) => Promise<Buffer>;
  /** A call on which both sides send at any time. */
  readonly open: (path: string) => grpc.ClientDuplexStream<Buffer, Buffer>;
  readonly limit: (request: Message, options?: grpc.CallOptions) => Promise<Message>;
}

const requestType = "envoy.service.ratelimit.v3.RateLimitRequest";
const responseType = "envoy.service.ratelimit.v3.RateLimitResponse";
const same = (bytes: Buffer) => bytes;

/** Connects to an address. */
export function grpcClient(
  address: string | number,
  credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
): GrpcClient {
  const target = typeof address === "number" ? `127.0.0.1:${address}` : address;
  const client = new grpc.Client(target, credentials);
  const call: GrpcClient["call"] = (path, message, options = {}) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        same,
        same,
        Buffer.from(message),
        new grpc.Metadata(),
        { deadline: Date.now() + 5_000, ...options },
        (error, answer) => error === null && answer !== undefined ? resolve(answer) : reject(error),
      );
    });
  return {
    call,
    open: (path) => client.makeBidiStreamRequest(path, same, same, new grpc.Metadata()),
    async limit(request, options) {
      const path = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";
      return decode(responseType, await call(path, encode(requestType, request), options));
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** A request of one descriptor. */
export function requestFor(domain: string, entries: Readonly<Record<string, string>>): Message {
  const list = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return { domain, descriptors: [{ entries: list }] };
}
