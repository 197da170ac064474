/** The name server of Pods: names of Services below `svc.cluster.local`. */
import { createSocket } from "node:dgram";
import { Buffer } from "node:buffer";
import type { Services } from "./services.ts";

/** Answers at port 53 of an address until the process ends. */
export function serveNames(address: string, services: Services): void {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address: client }) => {
    const answer = answerOf(query, services);
    if (answer !== undefined) socket.send(answer, port, client);
  });
  socket.bind(53, address);
}

const typeA = 1;
const typeCname = 5;
const noError = 0;
const noSuchName = 3;

function answerOf(query: Buffer, services: Services): Buffer | undefined {
  if (query.length < 17 || query.readUInt16BE(4) !== 1) return undefined;
  let at = 12;
  const labels: string[] = [];
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const question = query.subarray(12, at + 5);
  const type = query.readUInt16BE(at + 1);
  const records: Buffer[] = [];
  let known = false;
  let pointer: Buffer = Buffer.from([0xc0, 12]); // the name of the question
  for (let name = labels; name.length > 0;) {
    const meaning = meaningOf(name, services);
    if (meaning === undefined) break;
    known = true;
    if ("address" in meaning) {
      const bytes = Buffer.from(meaning.address.split(".").map(Number));
      if (type === typeA) records.push(record(pointer, typeA, bytes));
      break;
    }
    name = meaning.alias.toLowerCase().split(".");
    const encoded = encodeName(name);
    records.push(record(pointer, typeCname, encoded));
    pointer = encoded;
  }
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (known ? noError : noSuchName), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

function meaningOf(labels: readonly string[], services: Services) {
  const [service = "", namespace = "", ...rest] = labels;
  return rest.join(".") === "svc.cluster.local" ? services.resolve(namespace, service) : undefined;
}

function record(name: Buffer, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(1, 4); // a second, so that changes are seen
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, fields, data]);
}

function encodeName(labels: readonly string[]): Buffer {
  const parts = labels.map((label) =>
    Buffer.from(`${String.fromCharCode(label.length)}${label}`, "latin1")
  );
  return Buffer.concat([...parts, Buffer.from([0])]);
}
