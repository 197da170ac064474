/** gRPC and gRPC-web calls, with TLS and without. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import { echoPath, grpcClient, startGrpcBackend } from "../support/grpc_backend.ts";
import { documents, root, service, tlsSecret } from "./manifest.ts";

/** The service, and hosts that lead to it. */
async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const backend = await startGrpcBackend("a");
  const route = `
    routes:
    - conditions: [{ prefix: ${echoPath} }]
      services: [{ name: echo, port: 80, protocol: h2c }]
      permitInsecure: true
      retryPolicy: { count: 1, retryOn: [cancelled, deadline-exceeded, internal, resource-exhausted, unavailable] }
  `;
  return {
    ca: authority.certificate,
    manifest: documents(
      tlsSecret(
        "certificate",
        await authority.issue({
          dnsNames: ["*.secure.test"],
          validity,
          algorithm: "ecdsa",
        }),
      ),
      service("echo", [backend]),
      service("nobody", [{ port: 1 }]),
      root("grpc.test", route),
      root("grpc.secure.test", route, { tls: "{ secretName: certificate }" }),
      root("gone.test", "routes: [{ services: [{ name: nobody, port: 80, protocol: h2c }] }]"),
    ),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

for (const layout of layouts) {
  Deno.test(`gRPC and gRPC-web, ${layout}`, async (t) => {
    await using stage = await setStage();
    await using gateway = await startGateway({ layout, manifest: stage.manifest });
    const { address, http, https } = gateway.place;
    const plain = { address, port: http, host: "grpc.test" };
    const secure = { address, port: https, host: "grpc.secure.test", ca: stage.ca };
    for (const [name, place] of Object.entries({ "without TLS": plain, "over TLS": secure })) {
      await t.step(`calls, with their trailers and failures, ${name}`, async () => {
        using client = grpcClient(place);
        assert.deepEqual(await client.say("hello"), {
          code: 0,
          details: "OK",
          text: "a: hello",
          trailer: "end",
        });
        assert.deepEqual(await client.say("fail"), { code: 5, details: "no such thing" });
      });

      await t.step(`streams in both directions at once, ${name}`, async () => {
        using client = grpcClient(place);
        assert.deepEqual(await client.chat("one", "two", "three"), [
          "a: one",
          "a: two",
          "a: three",
        ]);
      });
    }

    await t.step("answers of Envoy itself are gRPC too", async () => {
      using unknown = grpcClient({ ...plain, host: "nobody.test" });
      assert.equal((await unknown.say("hello")).code, 12, "UNIMPLEMENTED");
      using gone = grpcClient({ ...plain, host: "gone.test" });
      assert.equal((await gone.say("hello")).code, 14, "UNAVAILABLE");
    });

    for (
      const [name, question] of Object.entries({
        "without TLS": { host: "grpc.test" },
        "over TLS": { host: "grpc.secure.test", tls: { ca: stage.ca } },
      })
    ) {
      await t.step(`gRPC-web from browsers, by HTTP/1.1, ${name}`, async () => {
        const say = async (text: string) => {
          const { headers, body } = await gateway.ask({
            ...question,
            method: "POST",
            path: `${echoPath}Say`,
            headers: {
              "content-type": "application/grpc-web-text+proto",
              accept: "application/grpc-web-text+proto",
              "x-grpc-web": "1",
            },
            body: frame(text),
          });
          assert.equal(headers["content-type"], "application/grpc-web-text+proto");
          return { messages: framesOf(body), headers };
        };
        const { messages: [message, trailers] } = await say("hello");
        assert.equal(message, "a: hello");
        assert.match(trailers ?? "", /grpc-status: *0/);
        assert.match(trailers ?? "", /x-trailer: *end/);
        const { headers, messages } = await say("fail");
        assert.match(`${headers["grpc-status"]} ${messages.join()}`, /^5|grpc-status: *5/);
      });
    }

    await t.step(
      "every request went to the rule that explain names; Envoy refused nothing",
      async () => {
        assert.deepEqual(await gateway.disagreements(), []);
        assert.deepEqual(gateway.controller.refusals, []);
      },
    );
  });
}

/** A message as browsers send it: five bytes before it, and all of it in base64. */
function frame(text: string): string {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]).toString("base64");
}

/** The messages of an answer, trailers last. Base64 may end and begin anew in the middle. */
function framesOf(body: string): readonly string[] {
  const parts = body.match(/[A-Za-z0-9+/]+={0,2}/g) ?? [];
  let rest = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
  const frames: string[] = [];
  while (rest.length >= 5) {
    const length = rest.readUInt32BE(1);
    frames.push(rest.subarray(5, 5 + length).toString());
    rest = rest.subarray(5 + length);
  }
  return frames;
}
