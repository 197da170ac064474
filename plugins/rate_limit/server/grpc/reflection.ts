import type { Buffer } from "node:buffer";
import { WireReader } from "../wire/reader.ts";
import { WireWriter } from "../wire/writer.ts";
import type { GrpcMethod, StreamCall } from "./call.ts";
import type { FileDescriptor } from "./file_descriptors.ts";
import { grpcStatus } from "./status.ts";

/**
 * Server reflection (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md), in both
 * versions there are: what a client needs that knows no .proto files, such as `grpcurl`.
 */
export function reflectionMethods(
  services: readonly string[],
  files: readonly FileDescriptor[],
): ReadonlyMap<string, GrpcMethod> {
  const open = (call: StreamCall) => ({
    message: (request: Buffer) => call.send(answer(request, services, files)),
    ended: () => call.end(),
    closed: () => {},
  });
  return new Map(reflectionServices.map((service): [string, GrpcMethod] => [
    `/${service}/ServerReflectionInfo`,
    { kind: "stream", open },
  ]));
}

/** The names of the protocol's services. */
export const reflectionServices = [
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
] as const;

function answer(
  request: Buffer,
  services: readonly string[],
  files: readonly FileDescriptor[],
): Uint8Array {
  const writer = new WireWriter();
  writer.bytes(2, request);
  const reader = new WireReader(request);
  while (reader.next()) {
    switch (reader.field) {
      case 3: {
        const name = reader.text();
        answerWith(writer, files, files.find((file) => file.name === name), name);
        break;
      }
      case 4: {
        const symbol = reader.text();
        answerWith(writer, files, files.find((file) => declares(file, symbol)), symbol);
        break;
      }
      case 7:
        reader.skip();
        writer.message(6, () => {
          for (const service of services) writer.message(1, () => writer.text(1, service));
        });
        break;
      case 5:
      case 6:
        reader.skip();
        fail(writer, grpcStatus.notFound, "There are no extensions");
        break;
      default:
        reader.skip();
    }
  }
  return writer.finish();
}

/** A file with all that it imports. */
function answerWith(
  writer: WireWriter,
  files: readonly FileDescriptor[],
  file: FileDescriptor | undefined,
  asked: string,
): void {
  if (file === undefined) return fail(writer, grpcStatus.notFound, `There is no ${asked}`);
  const all = new Set([file]);
  for (const each of all) {
    for (const name of each.imports) {
      const imported = files.find((candidate) => candidate.name === name);
      if (imported !== undefined) all.add(imported);
    }
  }
  writer.message(4, () => {
    for (const each of all) writer.bytes(1, each.bytes);
  });
}

function fail(writer: WireWriter, status: number, message: string): void {
  writer.message(7, () => writer.number(1, status).text(2, message));
}

/** Names of messages and services, and what is within them. */
function declares({ symbols }: FileDescriptor, symbol: string): boolean {
  return symbols.some((name) => symbol === name || symbol.startsWith(`${name}.`));
}
