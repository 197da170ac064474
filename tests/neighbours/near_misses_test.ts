/** Odd but harmless objects: they are valid, nobody is told anything, and they do what they say. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";
import { fingerprint } from "./canaries.ts";
import { startFileWorld } from "./file_world.ts";
import { material } from "./guilty/material.ts";
import { namespace, numbered } from "./guilty/mod.ts";
import { type Answer, type NearMiss, nearMisses, type Request } from "./near_misses.ts";
import { type Side, startWorldStage } from "./world.ts";

Deno.test("near misses work and nobody is blamed", async () => {
  await using stage = await startWorldStage("127.0.0.1");
  await using world = await startFileWorld(stage);
  assert.ok(nearMisses.length >= 40);
  const all = nearMisses.map((nearMiss, i) => numbered(nearMiss, i + 1));
  for (const [i, { objects }] of all.entries()) await world.put(`near-${i}`, objects);
  for (const side of world.sides) {
    const problems: string[] = [];
    for (const [i, nearMiss] of all.entries()) {
      const blame = (problem: string) => problems.push(`${nearMiss.what}: ${problem}`);
      const host = `odd${i + 1}.guilty.test`;
      await answers(side, host, nearMiss).catch((error) => blame(String(error.cause ?? error)));
      told(side, `odd${i + 1}`, nearMiss).forEach(blame);
    }
    const refused = side.log().filter(({ msg }) => msg.startsWith("Envoy refused"));
    assert.deepEqual({ problems, refused }, { problems: [], refused: [] }, side.layout);
  }
});

async function answers(
  side: Side,
  name: string,
  { ask = {}, answer = {} }: NearMiss,
): Promise<void> {
  await eventually(`${name} answers`, () => isAnswered(side, name, ask, answer), {
    withinMs: 5_000,
  });
}

async function isAnswered(
  { place: { address, http, https } }: Side,
  name: string,
  { path = "/", headers = {}, tls = false }: Request,
  { status = 200, headers: wanted = {}, body, seen = {}, path: seenPath, shown }: Answer,
): Promise<boolean> {
  const { host = name, ...rest } = headers;
  if (shown !== undefined) {
    const { fingerprint256 } = new X509Certificate(shown);
    assert.equal(await fingerprint(address, https, host), fingerprint256);
    return true;
  }
  const target = tls
    ? { address, port: https, tls: { serverName: host, ca: material.authority } }
    : { address, port: http };
  const answer = await send(target, { host, path, headers: rest });
  assert.equal(answer.status, status, answer.body);
  for (const [name, value] of Object.entries(wanted)) {
    // The client reads bytes as they come.
    assert.equal(answer.headers[name], value);
  }
  if (body !== undefined) assert.equal(answer.body, body);
  if (Object.keys(seen).length === 0 && seenPath === undefined) return true;
  const echo = JSON.parse(answer.body);
  for (const [name, value] of Object.entries(seen)) assert.equal(echo.headers[name] ?? "", value);
  if (seenPath !== undefined) assert.equal(echo.path, seenPath);
  return true;
}

/** What was said of the objects though it should not. */
function told(side: Side, name: string, { warned }: NearMiss): readonly string[] {
  return side.log().filter((line) => {
    const isLoud = line.level === "warn" || line.level === "error";
    const isIts = line["namespace"] === namespace && String(line["name"]).split("-")[0] === name;
    return isLoud && isIts && warned?.test(line.msg) !== true;
  }).map(({ msg }) => msg);
}
