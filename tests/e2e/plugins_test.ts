import assert from "node:assert/strict";
import { inProcess } from "../../controller/plugin/mod.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import greeting from "../plugins/greeting.ts";

const manifest = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop, namespace: default}
spec:
  virtualhost: {fqdn: shop.example}
  routes:
  - conditions: [{prefix: /field}]
    directResponsePolicy: {statusCode: 200, body: field}
    plugins: {greeting: {text: field, loud: true}}
  - conditions: [{prefix: /section}]
    directResponsePolicy: {statusCode: 200, body: section}
  - directResponsePolicy: {statusCode: 200, body: rest}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: wild, namespace: default}
spec:
  virtualhost: {fqdn: "*.wild.example", plugins: {greeting: {text: team}}}
  routes:
  - conditions: [{prefix: /field}]
    directResponsePolicy: {statusCode: 200, body: field}
    plugins: {greeting: {text: wild}}
  - directResponsePolicy: {statusCode: 200, body: rest}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: noted, namespace: default, annotations: {greeting.example/text: noted}}
spec:
  virtualhost: {fqdn: noted.example}
  routes:
  - directResponsePolicy: {statusCode: 200, body: rest}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: other, namespace: elsewhere}
spec:
  virtualhost: {fqdn: other.example}
  routes:
  - directResponsePolicy: {statusCode: 200, body: rest}
---
apiVersion: greeting.example/v1alpha1
kind: Greeting
metadata: {name: section, namespace: default}
spec: {targetRef: {kind: HTTPProxy, name: shop, sectionName: /section}, text: section}
---
apiVersion: greeting.example/v1alpha1
kind: Greeting
metadata: {name: host, namespace: default}
spec: {targetRef: {kind: HTTPProxy, name: shop}, text: host}
---
apiVersion: greeting.example/v1alpha1
kind: Greeting
metadata: {name: team, namespace: default}
spec: {targetRef: {kind: Namespace, name: default}, text: team}
`;

for (const layout of layouts) {
  Deno.test(`${layout}: policies reach hosts and routes through filters and fields of Envoy`, async () => {
    const plugins = { requested: [{ plugin: inProcess(greeting), from: "test" }] };
    await using gateway = await startGateway({ layout, manifest, plugins });
    const said = async (host: string, path: string) => {
      const { status, headers } = await gateway.ask({ host, path });
      return [status, headers["x-greeting"], headers["x-route-greeting"]];
    };
    assert.deepEqual(await said("shop.example", "/field"), [200, "host", "FIELD"]);
    assert.deepEqual(await said("shop.example", "/section"), [200, "host", "section"]);
    assert.deepEqual(await said("SHOP.example", "/section"), [200, "host", "section"]);
    assert.deepEqual(await said("shop.example", "/"), [200, "host", undefined]);
    assert.deepEqual(await said("a.wild.example", "/field"), [200, "team", "wild"]);
    assert.deepEqual(await said("a.wild.example", "/"), [200, "team", undefined]);
    assert.deepEqual(await said("noted.example", "/"), [200, "noted", undefined]);
    assert.deepEqual(await said("other.example", "/"), [200, undefined, undefined]);
    await gateway.apply(`
apiVersion: greeting.example/v1alpha1
kind: Greeting
metadata: {name: host, namespace: default}
spec: {targetRef: {kind: HTTPProxy, name: shop}, text: changed}
`);
    assert.deepEqual(await said("shop.example", "/"), [200, "changed", undefined]);
    await gateway.remove({
      kind: "Greeting.greeting.example",
      namespace: "default",
      name: "host",
    });
    assert.deepEqual(await said("shop.example", "/"), [200, "team", undefined]);
    assert.deepEqual(gateway.controller.refusals, []);
    assert.deepEqual(await gateway.disagreements(), []);
  });
}
