/** A gRPC server with one method. */
import { Buffer } from "node:buffer";
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";

/** Listens until disposed of. */
export async function serveGrpc({ address, port, path, answer, tls }: {
  readonly address: string;
  readonly port: number;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly answer: (request: Uint8Array) => Uint8Array;
  /** PEM. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
}): Promise<AsyncDisposable> {
  const server = new Server();
  const bytes = (body: Uint8Array) => Buffer.from(body);
  server.addService({
    call: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  }, {
    call(call: ServerUnaryCall<Uint8Array, Uint8Array>, reply: sendUnaryData<Uint8Array>) {
      reply(null, answer(call.request));
    },
  });
  const credentials = tls === undefined
    ? ServerCredentials.createInsecure()
    // Without roots Deno would listen without TLS.
    : ServerCredentials.createSsl(Buffer.from(tls.certificate), [{
      cert_chain: Buffer.from(tls.certificate),
      private_key: Buffer.from(tls.privateKey),
    }], false);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(
      `${address}:${port}`,
      credentials,
      (error) => error === null ? resolve() : reject(error),
    );
  });
  return {
    [Symbol.asyncDispose]() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
