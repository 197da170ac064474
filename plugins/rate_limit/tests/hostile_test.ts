import { setImmediate } from "node:timers";
/** What clients may do to harm, and what it costs: them. Everybody else goes on being answered. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Random } from "../../../tests/support/world.ts";
import { eventually } from "../../../tests/support/wait.ts";
import { callHeaders, hello, rawCall, rawClient, rawFrame, rawHeaders } from "./raw_http2.ts";
import { startService } from "./service.ts";

const config = `
domain: d
descriptors:
  - key: a
    rate_limit: {unit: day, requests_per_unit: 1000000}
`;

/** `domain: d`, one descriptor `a=x`. */
const message = Buffer.from("0a016412080a060a0161120178", "hex");

/** Whether a well-behaved client is answered. */
async function isAnswered(port: number): Promise<void> {
  using client = await rawClient(port);
  client.write(hello, rawCall(1, message));
  const { payload } = await client.frame("there is an answer", ({ type }) => type === 0);
  assert.equal(payload[5], 8, "an overall code");
  await client.frame("the status is OK", ({ type, flags }) => type === 1 && (flags & 1) === 1);
}

const goaway = 7;
const reset = 3;

/** What is sent behind the greeting, and what becomes of the connection. */
const cases: readonly {
  readonly name: string;
  readonly sent: readonly Uint8Array[];
  readonly becomes: "cut" | "reset" | "answered";
}[] = [
  {
    name: "a frame that is too long",
    sent: [Buffer.from("004001000000000001", "hex")],
    becomes: "cut",
  },
  { name: "data of no stream", sent: [rawFrame(0, 1, 1, message)], becomes: "cut" },
  { name: "data of the connection", sent: [rawFrame(0, 1, 0, message)], becomes: "cut" },
  { name: "a stream of a server", sent: [rawFrame(1, 5, 2, callHeaders)], becomes: "cut" },
  { name: "a push", sent: [rawFrame(5, 4, 1, callHeaders)], becomes: "cut" },
  { name: "a reset of no stream", sent: [rawFrame(3, 0, 1, Buffer.alloc(4))], becomes: "cut" },
  { name: "a window of nothing", sent: [rawFrame(8, 0, 0, Buffer.alloc(4))], becomes: "cut" },
  {
    name: "a window beyond all bounds",
    sent: [rawFrame(8, 0, 0, Buffer.from("7fffffff", "hex"))],
    becomes: "cut",
  },
  { name: "settings of another size", sent: [rawFrame(4, 0, 0, Buffer.alloc(5))], becomes: "cut" },
  {
    name: "a first window beyond all bounds",
    sent: [rawFrame(4, 0, 0, Buffer.from("0004ffffffff", "hex"))],
    becomes: "cut",
  },
  { name: "a ping of another size", sent: [rawFrame(6, 0, 0, Buffer.alloc(7))], becomes: "cut" },
  {
    name: "more padding than there is",
    sent: [rawFrame(1, 12, 1, Buffer.from([200, 0]))],
    becomes: "cut",
  },
  {
    name: "header fields that are garbage",
    sent: [rawFrame(1, 5, 1, Buffer.alloc(50, 0xff))],
    becomes: "cut",
  },
  {
    name: "header fields that never end",
    sent: [
      rawFrame(1, 0, 1, callHeaders),
      ...Array.from({ length: 100 }, () => rawFrame(9, 0, 1, Buffer.alloc(16_000))),
    ],
    becomes: "cut",
  },
  {
    name: "header fields that are interrupted",
    sent: [rawFrame(1, 0, 1, callHeaders), rawFrame(6, 0, 0, Buffer.alloc(8))],
    becomes: "cut",
  },
  {
    name: "too many header fields",
    sent: [rawFrame(
      1,
      5,
      1,
      rawHeaders(Object.fromEntries(
        Array.from({ length: 500 }, (_, index) => [`x-${index}`, "y"]),
      )),
    )],
    becomes: "cut",
  },
  {
    name: "data behind the end",
    sent: [rawFrame(1, 5, 1, rawHeaders({ ":method": "POST" })), rawFrame(0, 1, 1, message)],
    becomes: "answered",
  },
  {
    name: "trailers that do not end",
    sent: [rawFrame(1, 4, 1, callHeaders), rawFrame(1, 4, 1, rawHeaders({ x: "y" }))],
    becomes: "reset",
  },
  {
    name: "frames of a type nobody knows",
    sent: [rawFrame(99, 255, 7, message)],
    becomes: "answered",
  },
  { name: "a farewell", sent: [rawFrame(7, 0, 0, Buffer.alloc(8))], becomes: "answered" },
  {
    name: "ten thousand pings",
    sent: Array.from({ length: 10_000 }, () => rawFrame(6, 0, 0, Buffer.alloc(8))),
    becomes: "answered",
  },
  {
    name: "ten thousand settings",
    sent: Array.from(
      { length: 10_000 },
      () => rawFrame(4, 0, 0, Buffer.from("000400001000", "hex")),
    ),
    becomes: "answered",
  },
  {
    name: "ten thousand calls that are taken back at once",
    sent: Array.from({ length: 10_000 }, (_, index) =>
      Buffer.concat([
        rawFrame(1, 4, 2 * index + 1, callHeaders),
        rawFrame(3, 0, 2 * index + 1, Buffer.from("00000008", "hex")),
      ])),
    becomes: "answered",
  },
  {
    name: "no more than a compressed message",
    sent: [rawFrame(1, 4, 1, callHeaders), rawFrame(0, 1, 1, Buffer.from("0100000001ff", "hex"))],
    becomes: "answered",
  },
];

Deno.test("what breaks the rules costs the connection, and nobody else", async (t) => {
  await using service = await startService(config);
  for (const { name, sent, becomes } of cases) {
    await t.step(name, async () => {
      using client = await rawClient(service.grpcPort);
      client.write(hello, ...sent);
      switch (becomes) {
        case "cut":
          await client.frame("it is told", ({ type }) => type === goaway);
          await client.over();
          break;
        case "reset":
          await client.frame("the stream is reset", ({ type }) => type === reset);
          break;
        case "answered":
          client.write(rawCall(99_999, message));
          await client.frame("there is an answer", ({ type, id }) => type === 0 && id === 99_999);
      }
      await isAnswered(service.grpcPort);
    });
  }
  await eventually("nothing is left over", async () => {
    const { body } = await service.page("/healthcheck");
    return body === "OK";
  });
});

Deno.test("what is no HTTP/2 is hung up on", async () => {
  await using service = await startService(config);
  for (
    const text of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00", "PRI * HTTP/2.0\r\n\r\nXX"]
  ) {
    using client = await rawClient(service.grpcPort);
    client.write(Buffer.from(text, "latin1"));
    await client.over();
  }
  await isAnswered(service.grpcPort);
});

Deno.test("bytes one by one are as good as all at once", async () => {
  await using service = await startService(config);
  using client = await rawClient(service.grpcPort);
  client.socket.setNoDelay(true);
  for (const byte of Buffer.concat([hello, rawCall(1, message)])) {
    client.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await client.frame("there is an answer", ({ type }) => type === 0);
});

Deno.test("random bytes, and calls with random mistakes in them", async () => {
  await using service = await startService(config);
  for (let seed = 1; seed <= 150; seed++) {
    const random = new Random(seed);
    const good = Buffer.concat([hello, ...[1, 3, 5].map((id) => rawCall(id, message))]);
    for (let i = 0; i < 1 + random.below(20); i++) {
      good[24 + random.below(good.length - 24)] = random.below(256);
    }
    using client = await rawClient(service.grpcPort);
    client.write(seed % 5 === 0 ? Buffer.from(good.map(() => random.below(256))) : good);
    client.write(good.subarray(0, random.below(good.length)));
    client.socket.end();
    await client.over();
  }
  await isAnswered(service.grpcPort);
});

Deno.test("random messages are answered, one way or the other", async () => {
  await using service = await startService(config);
  const random = new Random(7);
  using client = await rawClient(service.grpcPort);
  client.write(hello);
  const count = 500;
  for (let index = 0; index < count; index++) {
    const bytes = Buffer.from(Array.from({ length: random.below(60) }, () => random.below(256)));
    const near = Buffer.from(message);
    near[random.below(near.length)] = random.below(256);
    client.write(rawCall(2 * index + 1, index % 2 === 0 ? bytes : near));
  }
  await eventually("each has an end", () => {
    const ends = client.frames.filter(({ type, flags }) => type === 1 && (flags & 1) === 1);
    return ends.length === count;
  });
});

Deno.test("a message that is too large, and descriptors without end", async () => {
  await using service = await startService(config);
  using client = await rawClient(service.grpcPort);
  client.write(hello);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(10_000_000, 1);
  client.write(rawFrame(1, 4, 1, callHeaders), rawFrame(0, 0, 1, head));
  const { payload } = await client.frame("it is refused", ({ type, id }) => type === 1 && id === 1);
  assert.match(payload.toString("latin1"), /grpc-status.{0,2}8/);
  // Three bytes each, and 5,000 of them.
  client.write(rawCall(
    3,
    Buffer.concat([
      Buffer.from("0a0164", "hex"),
      ...Array.from({ length: 5_000 }, () => Buffer.from("1200", "hex")),
    ]),
  ));
  const refused = await client.frame("it is refused", ({ type, id }) => type === 1 && id === 3);
  assert.match(refused.payload.toString("latin1"), /grpc-status.{0,2}3/);
  await isAnswered(service.grpcPort);
});

Deno.test("whoever begins and does not go on is left after a while", async () => {
  await using service = await startService(config, { grpcLimits: { requestTimeoutMs: 200 } });
  using silent = await rawClient(service.grpcPort);
  using half = await rawClient(service.grpcPort);
  half.write(hello, rawFrame(1, 4, 1, callHeaders));
  await half.frame("the call is reset", ({ type, id }) => type === reset && id === 1);
  await silent.over();
  assert.equal(half.isOver(), false, "a connection may be idle");
});

Deno.test("whoever never reads does not fill the memory", async () => {
  await using service = await startService(config);
  using client = await rawClient(service.grpcPort);
  client.socket.pause();
  client.write(hello);
  const calls = Buffer.concat(
    Array.from({ length: 2_000 }, () => rawFrame(6, 0, 0, Buffer.alloc(8))),
  );
  // 34 MB of pings: what they would be answered with is not kept.
  for (let i = 0; i < 1_000 && client.socket.writableLength < 20_000_000; i++) {
    client.write(calls);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await isAnswered(service.grpcPort);
  assert.ok(client.socket.writableLength > 0 || client.isOver(), "nobody listens to it any more");
});

Deno.test("a window that is shut holds an answer back, and opened lets it through", async () => {
  await using service = await startService(config);
  using client = await rawClient(service.grpcPort);
  // The first window of streams is nothing.
  client.write(
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    rawFrame(4, 0, 0, Buffer.from("000400000000", "hex")),
    rawCall(1, message),
  );
  await client.frame("the answer begins", ({ type, id }) => type === 1 && id === 1);
  client.write(rawFrame(6, 0, 0, Buffer.alloc(8)));
  await client.frame("a ping is answered", ({ type, flags }) => type === 6 && flags === 1);
  assert.ok(!client.frames.some(({ type }) => type === 0), "no data yet");
  client.write(rawFrame(8, 0, 1, Buffer.from("00000003", "hex")));
  const part = await client.frame("a part of it", ({ type }) => type === 0);
  assert.equal(part.payload.length, 3);
  client.write(rawFrame(8, 0, 1, Buffer.from("00001000", "hex")));
  await client.frame(
    "the end",
    ({ type, flags, id }) => type === 1 && id === 1 && (flags & 1) === 1,
  );
  const data = Buffer.concat(
    client.frames.filter(({ type }) => type === 0).map(({ payload }) => payload),
  );
  assert.equal(data.readUInt32BE(1), data.length - 5);
});

Deno.test("too many calls at once are refused, and can be sent again", async () => {
  await using service = await startService(config, { grpcLimits: { maxStreams: 3 } });
  using client = await rawClient(service.grpcPort);
  client.write(hello, ...[1, 3, 5, 7].map((id) => rawFrame(1, 4, id, callHeaders)));
  const { payload } = await client.frame(
    "one is refused",
    ({ type, id }) => type === reset && id === 7,
  );
  assert.equal(payload.readUInt32BE(0), 7, "REFUSED_STREAM");
  client.write(rawFrame(3, 0, 1, Buffer.from("00000008", "hex")), rawCall(9, message));
  await client.frame("there is an answer", ({ type, id }) => type === 0 && id === 9);
});

Deno.test("of too many connections the idlest is hung up on, and none that is asking", async () => {
  await using service = await startService(config, { grpcLimits: { maxConnections: 2 } });
  using one = await rawClient(service.grpcPort);
  one.write(hello, rawFrame(1, 4, 1, callHeaders));
  await one.frame("one is there", () => true);
  using other = await rawClient(service.grpcPort);
  other.write(hello, rawCall(1, message));
  await other.frame("the other is answered", ({ type }) => type === 0);
  using third = await rawClient(service.grpcPort);
  third.write(hello, rawFrame(1, 4, 1, callHeaders));
  await third.frame("there is room", () => true);
  await other.over();
  third.write(rawFrame(6, 0, 0, Buffer.alloc(8)));
  await third.frame("it is listened to", ({ type }) => type === 6);
  using fourth = await rawClient(service.grpcPort);
  await fourth.over();
  assert.equal(one.isOver(), false);
});

Deno.test("whoever does not read for too long is hung up on", async () => {
  await using service = await startService(config, { grpcLimits: { requestTimeoutMs: 300 } });
  using client = await rawClient(service.grpcPort);
  client.socket.pause();
  const pings = Buffer.concat(
    Array.from({ length: 2_000 }, () => rawFrame(6, 0, 0, Buffer.alloc(8))),
  );
  client.write(hello);
  await eventually("it is hung up on", async () => {
    if (client.socket.writableLength < 4_000_000) client.write(pings);
    await service.page("/healthcheck");
    return client.socket.destroyed || client.socket.closed || !client.socket.writable;
  });
});
