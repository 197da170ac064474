/** A gRPC service behind Envoy, and a client before it: texts in, texts out. */
import { Buffer } from "node:buffer";
import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import { within } from "./wait.ts";

/** Where calls go: `/test.Echo/Say` repeats a text, `/test.Echo/Chat` each of many as it comes. */
export const echoPath = "/test.Echo/";

/** A running service. */
export interface GrpcBackend extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts the service. `Say` answers with `<name>: <text>` and the trailer `x-trailer: end`; the text
 * `fail` gets the status NOT_FOUND with the details `no such thing`.
 */
export async function startGrpcBackend(name: string): Promise<GrpcBackend> {
  const server = new Server();
  server.addService(service, {
    say(call: ServerUnaryCall<string, string>, answer: sendUnaryData<string>) {
      if (call.request === "fail") {
        answer({ code: status.NOT_FOUND, details: "no such thing" });
        return;
      }
      const trailer = new Metadata();
      trailer.set("x-trailer", "end");
      answer(null, `${name}: ${call.request}`, trailer);
    },
    chat(call: ServerDuplexStream<string, string>) {
      call.on("data", (text: string) => call.write(`${name}: ${text}`));
      call.on("end", () => call.end());
      call.on("error", () => {}); // whoever hung up has seen enough
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(
    "127.0.0.1:0",
    ServerCredentials.createInsecure(),
    (error, port) => error === null ? resolve(port) : reject(error),
  );
  return {
    port: await promise,
    [Symbol.asyncDispose]() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** What a call came to. */
export interface Said {
  /** 0 when all went well: https://grpc.io/docs/guides/status-codes/ */
  readonly code: number;
  readonly details: string;
  readonly text?: string;
  readonly trailer?: string;
}

/** Calls through a proxy. */
export interface GrpcClient extends Disposable {
  readonly say: (text: string) => Promise<Said>;
  /** Sends texts one after the other, each when the answer to the one before has come. */
  readonly chat: (...texts: readonly string[]) => Promise<readonly string[]>;
}

/** A client that asks for a host at an address, over TLS where an authority is given. */
export function grpcClient({ address, port, host, ca }: {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  /** PEM of whom to trust. */
  readonly ca?: string;
}): GrpcClient {
  const Client = makeGenericClientConstructor(service, "Echo");
  const client = new Client(
    `${address}:${port}`,
    ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca)),
    {
      "grpc.default_authority": host,
      "grpc.enable_retries": 0,
      ...(ca === undefined ? {} : { "grpc.ssl_target_name_override": host }),
    },
  );
  const deadline = () => ({ deadline: Date.now() + 10_000 });
  return {
    say(text) {
      const { promise, resolve } = Promise.withResolvers<Said>();
      let said: string | undefined;
      const call = client.makeUnaryRequest(
        `${echoPath}Say`,
        encodeText,
        decodeText,
        text,
        new Metadata(),
        deadline(),
        (_error: unknown, answer: string | undefined) => said = answer,
      );
      call.on("status", ({ code, details, metadata }) => {
        const [trailer] = metadata.get("x-trailer");
        resolve({
          code,
          details,
          ...(said === undefined ? {} : { text: said }),
          ...(trailer === undefined ? {} : { trailer: String(trailer) }),
        });
      });
      return within(`"${text}" is answered`, promise);
    },
    chat(...texts) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
      const call = client.makeBidiStreamRequest(
        `${echoPath}Chat`,
        encodeText,
        decodeText,
        new Metadata(),
        deadline(),
      );
      const heard: string[] = [];
      const next = () => {
        const text = texts[heard.length];
        if (text === undefined) call.end();
        else call.write(text);
      };
      call.on("data", (text: string) => {
        heard.push(text);
        next();
      });
      call.on("end", () => resolve(heard));
      call.on("error", reject);
      next();
      return within("all texts are answered", promise);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

const encodeText = (text: string) => Buffer.from(text);
const decodeText = (bytes: Buffer) => bytes.toString();

function method(name: string, isStream: boolean) {
  return {
    path: `${echoPath}${name}`,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: encodeText,
    requestDeserialize: decodeText,
    responseSerialize: encodeText,
    responseDeserialize: decodeText,
  };
}

const service: ServiceDefinition = { say: method("Say", false), chat: method("Chat", true) };
