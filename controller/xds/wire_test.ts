import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { messageType } from "../../proto/mod.ts";
import { decodeRequest, decodeWorldRequest } from "./wire.ts";

const fieldOf = (type: string, name: string) =>
  (messageType(type).lookup(name, [protobuf.Field]) as protobuf.Field).id << 3 | 2;

/** A request whose error ends within a character, as Envoy's do where they are too long. */
function refusing(type: string): Uint8Array {
  const words = new Uint8Array([...new TextEncoder().encode("Refused: "), 0xc3]);
  const writer = new protobuf.Writer();
  writer.uint32(fieldOf(type, "typeUrl")).string("a");
  writer.uint32(fieldOf(type, "responseNonce")).string("7");
  writer.uint32(fieldOf(type, "errorDetail")).fork();
  writer.uint32(fieldOf("google.rpc.Status", "message")).bytes(words).ldelim();
  return writer.finish();
}

Deno.test("a refusal that is cut within a character is one, and does not end the stream", () => {
  const incremental = decodeRequest(refusing("envoy.service.discovery.v3.DeltaDiscoveryRequest"));
  const older = decodeWorldRequest(refusing("envoy.service.discovery.v3.DiscoveryRequest"));
  for (const { error, responseNonce } of [incremental, older]) {
    assert.deepEqual({ error, responseNonce }, { error: "Refused: \ufffd", responseNonce: "7" });
  }
});

Deno.test("an Envoy says its version by numbers", () => {
  const request = messageType("envoy.service.discovery.v3.DeltaDiscoveryRequest");
  const version = { majorNumber: 1, minorNumber: 39, patch: 3 };
  const node = { id: "a", cluster: "b", userAgentBuildVersion: { version } };
  assert.deepEqual(decodeRequest(request.encode({ node }).finish()).node, {
    id: "a",
    cluster: "b",
    version: "1.39.3",
  });
  const silent = request.encode({ node: { id: "a", cluster: "b" } }).finish();
  assert.deepEqual(decodeRequest(silent).node, { id: "a", cluster: "b" });
});
