/** A gRPC server with one method, for Envoy to call. */
import { Buffer } from "node:buffer";
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";

/** A method, and how its messages are written. */
export interface GrpcMethod<Request, Response> {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly decode: (body: Uint8Array) => Request;
  readonly encode: (response: Response) => Uint8Array;
  /** `undefined`: the call is never answered. */
  readonly answer: (request: Request) => Response | undefined;
}

/** A running server. */
export interface RunningServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server at 127.0.0.1; with a certificate it speaks TLS. With `clientCa`, a PEM, it lets in
 * nobody without a certificate signed by it.
 */
export async function startGrpcServer<Request, Response>(
  method: GrpcMethod<Request, Response>,
  { certificate, clientCa }: {
    readonly certificate?: IssuedCertificate | undefined;
    readonly clientCa?: string | undefined;
  } = {},
): Promise<RunningServer> {
  const service: ServiceDefinition = {
    call: {
      path: method.path,
      requestStream: false,
      responseStream: false,
      // Only clients write requests and read answers.
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (body: Uint8Array) => method.decode(body),
      responseSerialize: (response: Response) => Buffer.from(method.encode(response)),
      responseDeserialize: (body: Uint8Array) => body,
    },
  };
  const server = new Server();
  server.addService(service, {
    call(call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) {
      const response = method.answer(call.request);
      if (response !== undefined) answer(null, response);
    },
  });
  const credentials = certificate === undefined
    ? ServerCredentials.createInsecure()
    // Without roots Deno would listen without TLS, even where no client has to show a certificate.
    : ServerCredentials.createSsl(Buffer.from(clientCa ?? certificate.certificate), [{
      cert_chain: Buffer.from(certificate.certificate),
      private_key: Buffer.from(certificate.privateKey),
    }], clientCa !== undefined);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(
    "127.0.0.1:0",
    credentials,
    (error, port) => error === null ? resolve(port) : reject(error),
  );
  return {
    port: await promise,
    stop() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
