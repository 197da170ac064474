/** What the checks cost: each route edit pays for those of one host, a start for those of all. */
import assert from "node:assert/strict";
import { defaultEnvoyOptions, envoyViolations } from "../../controller/envoy/mod.ts";
import { defaultSettings } from "../../controller/store/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import { decode, isMessage, type Message } from "../../proto/mod.ts";
import { objectsOf } from "../support/gateway.ts";
import { subjectTypes } from "./subjects.ts";

const hostCount = 5_000;

/** Of a cold start. */
const largestShare = 0.1;

/** Of the checks for one edit of a route. */
const mostMs = 0.1;

Deno.test(`the checks take little of a start with ${hostCount} hosts, and of an edit`, () => {
  const objects = objectsOf(hosts());
  let [checks, start] = [Infinity, Infinity];
  let checked: readonly Checked[] = [];
  for (let run = 0; run < 3; run++) {
    const begin = performance.now();
    const translation = new Translation({
      settings: defaultSettings,
      envoy: defaultEnvoyOptions,
      layout: "scoped",
    });
    translation.apply({ applied: objects });
    translation.settleNow();
    start = Math.min(start, performance.now() - begin);
    if (checked.length === 0) checked = [...translation.resources()].flatMap(messagesIn);
    const again = performance.now();
    for (const { type, message } of checked) envoyViolations(type, message);
    checks = Math.min(checks, performance.now() - again);
  }
  const ofOneHost = checks / hostCount;
  console.log(
    `a start with ${hostCount} hosts takes ${start.toFixed(0)} ms, ` +
      `of which the checks ${checks.toFixed(0)} ms (${(100 * checks / start).toFixed(1)} %), ` +
      `${(1_000 * ofOneHost).toFixed(0)} µs a host`,
  );
  assert.ok(checked.length >= 3 * hostCount);
  assert.ok(checks <= start * largestShare, "the checks make a start slow");
  assert.ok(ofOneHost <= mostMs, "the checks make an edit slow");
});

interface Checked {
  readonly type: string;
  readonly message: Message;
}

/** What is checked of what a host comes to: the host, its routes, its clusters. */
function messagesIn(
  { typeUrl, body }: { readonly typeUrl: string; readonly body: Uint8Array },
): readonly Checked[] {
  const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  if (type === subjectTypes.cluster) {
    const message = decode(type, body);
    // Once for the host that asks for it, once for what is made of it.
    return [{ type, message }, { type, message }];
  }
  if (type !== subjectTypes.scope) return [];
  const { routeConfiguration } = decode(type, body);
  const virtualHosts = isMessage(routeConfiguration) ? routeConfiguration["virtualHosts"] : [];
  if (!Array.isArray(virtualHosts)) return [];
  return virtualHosts.filter(isMessage).flatMap(({ routes, ...head }) => [
    { type: "envoy.config.route.v3.VirtualHost", message: head },
    ...(Array.isArray(routes) ? routes.filter(isMessage) : []).map((message) => ({
      type: "envoy.config.route.v3.Route",
      message,
    })),
  ]);
}

function hosts(): string {
  return Array.from({ length: hostCount }, (_, i) =>
    `${
      JSON.stringify({
        apiVersion: "v1",
        kind: "Service",
        metadata: { namespace: "team", name: `backend-${i}` },
        spec: { ports: [{ port: 80 }] },
      })
    }\n---\n${
      JSON.stringify({
        apiVersion: "projectcontour.io/v1",
        kind: "HTTPProxy",
        metadata: { namespace: "team", name: `host-${i}` },
        spec: {
          virtualhost: { fqdn: `host-${i}.test` },
          routes: [
            {
              conditions: [{ prefix: "/api" }, { header: { name: "x-a", exact: "1" } }],
              timeoutPolicy: { response: "5s" },
              requestHeadersPolicy: { set: [{ name: "x-b", value: "2" }] },
              services: [{ name: `backend-${i}`, port: 80 }],
            },
            { services: [{ name: `backend-${i}`, port: 80 }] },
          ],
        },
      })
    }`).join("\n---\n");
}
