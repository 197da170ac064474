import assert from "node:assert/strict";
import { ManualClock } from "../../tests/support/cluster/mod.ts";
import { type KubeRequest, tellOfLeader } from "./mod.ts";

Deno.test("who leads is told in an Event about the lease, whose source is the candidate", async () => {
  const requests: KubeRequest[] = [];
  await tellOfLeader("became leader", {
    client: {
      request: (request) => {
        requests.push(request);
        return Promise.resolve({ metadata: { uid: "u-1" } });
      },
    },
    namespace: "projectcontour",
    name: "leader-elect",
    identity: "contour-1_abc",
    clock: new ManualClock(),
  }, new AbortController().signal);
  const [read, written] = requests;
  assert.match(read?.path ?? "", /\/namespaces\/projectcontour\/leases\/leader-elect$/);
  assert.equal(written?.method, "POST");
  assert.equal(written.path, "/api/v1/namespaces/projectcontour/events");
  const { metadata, ...event } = written.body as { readonly metadata: { readonly name: string } };
  assert.match(metadata.name, /^leader-elect\.[0-9a-f-]{36}$/);
  assert.deepEqual(event, {
    apiVersion: "v1",
    kind: "Event",
    involvedObject: {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      namespace: "projectcontour",
      name: "leader-elect",
      uid: "u-1",
    },
    type: "Normal",
    reason: "LeaderElection",
    message: "contour-1_abc became leader",
    source: { component: "contour-1_abc" },
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:00Z",
    count: 1,
  });
});
