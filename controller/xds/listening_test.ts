import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { within } from "../../tests/support/wait.ts";
import { FrameFilter } from "./frame_filter.ts";
import { ResourceCache, serveXds, systemClock } from "./mod.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const types = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7 };

Deno.test("frames that could bring Deno down are taken out, wherever the bytes are cut", () => {
  const kept = [
    preface,
    frame(types.settings, { payload: Buffer.alloc(6, 1) }),
    frame(types.headers, { stream: 1, payload: Buffer.from("head") }),
    frame(types.settings, { flags: 1 }),
    frame(types.data, { stream: 1, payload: Buffer.alloc(70_000, 7) }),
    frame(types.reset, { stream: 1, payload: Buffer.alloc(4) }),
    frame(types.ping, { payload: Buffer.alloc(8) }),
  ];
  const all = kept.flatMap((bytes, i) =>
    i < 2 ? [bytes] : [
      frame(types.goaway, { payload: Buffer.alloc(8 + i) }),
      bytes,
      frame(types.settings, { payload: Buffer.alloc(6) }),
    ]
  );
  const sent = Buffer.concat(all);
  for (const size of [1, 2, 7, 9, 10, 1_000, 65_536, sent.length]) {
    const filter = new FrameFilter();
    const seen: Uint8Array[] = [];
    for (let at = 0; at < sent.length; at += size) {
      seen.push(filter.keep(sent.subarray(at, at + size)));
    }
    assert.ok(Buffer.concat(seen).equals(Buffer.concat(kept)), `in pieces of ${size}`);
  }
});

Deno.test("clients that hang up in every way leave the server standing", async () => {
  const stop = new AbortController();
  let connected = 0;
  let wake = () => {};
  const server = await serveXds({
    address: "127.0.0.1",
    port: 0,
    cache: new ResourceCache(),
    clock: systemClock,
    onEvent: ({ kind }) => {
      if (kind === "connected") connected++;
      if (kind === "disconnected") connected--;
      wake();
    },
    signal: stop.signal,
  });
  const until = async (count: number) => {
    while (connected !== count) await new Promise<void>((resolve) => wake = resolve);
  };
  const reset = frame(types.reset, { stream: 1, payload: Buffer.from([0, 0, 0, 8]) });
  const leave = frame(types.goaway, { payload: Buffer.alloc(8) });
  const settings = frame(types.settings, { payload: Buffer.from([0, 4, 0, 1, 0, 0]) });
  try {
    for (const words of [[reset, leave], [reset, settings, leave], [leave, reset], [leave], []]) {
      const connections: Deno.TcpConn[] = [];
      for (let i = 0; i < 10; i++) {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
        await connection.write(Buffer.concat([preface, frame(types.settings), ...call()]));
        connections.push(connection);
      }
      await within("all are connected", until(10));
      await Promise.all(connections.map((connection) => connection.write(Buffer.concat(words))));
      for (const connection of connections) connection.close();
      await within("all are gone", until(0));
    }
  } finally {
    stop.abort();
    await server.close();
  }
});

/** Opens a stream of delta ADS, and sends a request for clusters. */
function call(): readonly Uint8Array[] {
  const headers: readonly (readonly [string, string])[] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"],
    [":authority", "contour"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ];
  // Literal fields without indexing, which need no table: RFC 7541, section 6.2.2.
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const block = headers.flatMap(([name, value]) => [0, ...text(name), ...text(value)]);
  const type = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  const request = Buffer.from([0x12, type.length, ...Buffer.from(type)]);
  const message = Buffer.from([0, 0, 0, 0, request.length, ...request]);
  return [
    frame(types.headers, { flags: 4, stream: 1, payload: Buffer.from(block) }),
    frame(types.data, { stream: 1, payload: message }),
  ];
}

function frame(
  type: number,
  { flags = 0, stream = 0, payload = Buffer.alloc(0) }: {
    readonly flags?: number;
    readonly stream?: number;
    readonly payload?: Buffer;
  } = {},
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
