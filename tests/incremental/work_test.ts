/** What an event costs: by example, and the same whatever the number of hosts. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../controller/api/mod.ts";
import { defaultEnvoyOptions, type LayoutKind } from "../../controller/envoy/mod.ts";
import { type Batch, defaultSettings } from "../../controller/store/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import { testCases } from "../golden/compare.ts";
import { parsed } from "../support/world.ts";
import { workCases } from "./work_case.ts";

testCases(workCases());

/** Events in a world of many hosts alike, in the order in which they happen. */
const events: Readonly<Record<string, (hosts: number) => Batch>> = {
  "a route edit": () => ({ applied: [proxy(3, "5s")] }),
  "an endpoint change": () => ({ applied: [slice(3, "10.0.0.2")] }),
  "an annotation of a Service": () => ({ applied: [service(3, { note: "x" })] }),
  "a new host": (hosts) => ({ applied: host(hosts) }),
  "a deleted host": () => ({ deleted: [{ kind: "HTTPProxy", namespace: "team-4", name: "p4" }] }),
};

for (const layout of ["scoped", "flat"] as const) {
  Deno.test(`an event costs the same among 10 and 1,000 hosts, ${layout}`, () => {
    const [few, many] = [10, 1_000].map((hosts) => costs(hosts, layout));
    assert.deepEqual(many, few);
    // A bound as well, so that it cannot grow for both at once without anyone looking.
    for (const [event, { ran }] of Object.entries(few ?? {})) {
      assert.ok(ran <= 30, `${event} runs ${ran} queries`);
    }
  });
}

interface Cost {
  readonly ran: number;
  readonly visited: number;
  readonly sent: number;
  readonly wrote: number;
}

function costs(hosts: number, layout: LayoutKind): Record<string, Cost> {
  const translation = new Translation({
    settings: defaultSettings,
    envoy: defaultEnvoyOptions,
    layout,
  });
  translation.apply({ applied: Array.from({ length: hosts }, (_, i) => host(i)).flat() });
  translation.settleNow();
  let ran = 0;
  translation.onCompute(() => ran++);
  return Object.fromEntries(
    Object.entries(events).map(([event, batch]) => {
      ran = 0;
      const before = translation.statistics().visits;
      translation.apply(batch(hosts));
      const { resources, statuses } = translation.settleNow();
      const cost: Cost = {
        ran,
        visited: translation.statistics().visits - before,
        sent: resources.changed.length + resources.removed.length,
        wrote: statuses.changed.length + statuses.removed.length,
      };
      return [event, cost];
    }),
  );
}

function host(i: number): KubeObject[] {
  return [proxy(i, "1s"), service(i, {}), slice(i, "10.0.0.1")];
}

function proxy(i: number, timeout: string): KubeObject {
  const services = [{ name: `s${i}`, port: 80 }];
  return parsed({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace: `team-${i % 20}`, name: `p${i}` },
    spec: {
      virtualhost: { fqdn: `host-${i}.test` },
      routes: [
        { services },
        { conditions: [{ prefix: "/api" }], services, timeoutPolicy: { response: timeout } },
      ],
    },
  });
}

function service(i: number, annotations: Readonly<Record<string, string>>): KubeObject {
  return parsed({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: `team-${i % 20}`, name: `s${i}`, annotations },
    spec: { ports: [{ port: 80 }] },
  });
}

function slice(i: number, address: string): KubeObject {
  return parsed({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      namespace: `team-${i % 20}`,
      name: `s${i}-1`,
      labels: { "kubernetes.io/service-name": `s${i}` },
    },
    addressType: "IPv4",
    ports: [{ port: 8080 }],
    endpoints: [{ addresses: [address] }],
  });
}
