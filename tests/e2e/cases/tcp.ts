import assert from "node:assert/strict";
import { type ClientTls, connect, readLine } from "../../support/http_client.ts";
import { documents, ported, proxy, root } from "../manifest.ts";
import { backendName, type Case, routes, type Scene } from "../stage.ts";

const own = "{ secretName: certificate }";

/** Opens a connection by SNI, and returns the greeting of whoever answers and what it repeats. */
async function talk(
  { gateway, ca }: Scene,
  serverName: string,
  options: Partial<ClientTls> = {},
): Promise<readonly [string, string]> {
  const { address, https: port } = gateway.place;
  const socket = await connect({ address, port, tls: { ca, serverName, ...options } });
  try {
    const greeting = await readLine(socket);
    socket.write("hello\n");
    return [greeting, await readLine(socket)];
  } finally {
    socket.destroy();
  }
}

/** Connections whose bytes nobody looks into. */
export const tcp: readonly Case[] = [
  {
    name: "tcpproxy behind TLS that ends at Envoy",
    manifest: root(
      "tcp.secure.test",
      `tcpproxy: { services: [{ name: tcp, port: 80 }] }`,
      { tls: own },
    ),
    async check(scene) {
      assert.deepEqual(await talk(scene, "tcp.secure.test"), ["tcp", "hello"]);
    },
  },
  {
    name: "passthrough: the backend's own certificate",
    manifest: root(
      "tunnel.secure.test",
      `tcpproxy: { services: [{ name: tunnel, port: 80 }] }`,
      { tls: "{ passthrough: true }" },
    ),
    async check(scene) {
      // The certificate that Envoy serves for others does not bear this name: see the stage.
      assert.deepEqual(await talk(scene, "tunnel.secure.test"), ["tunnel", "hello"]);
      await assert.rejects(talk(scene, "tunnel.secure.test", { ca: scene.strangerCa }));
    },
  },
  {
    name: "tcpproxy with weights",
    manifest: root(
      "tcp-weights.secure.test",
      `
      tcpproxy:
        services:
        - { name: tcp, port: 80, weight: 70 }
        - { name: tcp2, port: 80, weight: 30 }
        - { name: closed, port: 80, weight: 0 }
      `,
      { tls: own },
    ),
    async check(scene) {
      const counts = { tcp: 0, tcp2: 0 };
      for (let i = 0; i < 60; i++) {
        const [name] = await talk(scene, "tcp-weights.secure.test");
        assert.ok(name === "tcp" || name === "tcp2", name);
        counts[name]++;
      }
      // Five standard deviations of 60 throws with 30 % are 17.7.
      assert.ok(counts.tcp2 > 0 && counts.tcp2 < 36, JSON.stringify(counts));
    },
  },
  {
    name: "tcpproxy of an included HTTPProxy, beside HTTP routes on the plain listener",
    manifest: documents(
      root(
        "tcp-include.secure.test",
        `
        tcpproxy: { include: { name: tcp-child, namespace: team } }
        routes: [{ services: [{ name: a, port: 80 }], permitInsecure: true }]
        `,
        { tls: own },
      ),
      proxy("tcp-child", `tcpproxy: { services: [{ name: tcp, port: 80 }] }`, {
        namespace: "team",
      }),
    ),
    async check(scene) {
      assert.deepEqual(await talk(scene, "tcp-include.secure.test"), ["tcp", "hello"]);
      await routes("tcp-include.secure.test", [{ to: "a" }])(scene);
    },
  },
  {
    name: "the older spelling of an include, and how an endpoint is chosen and probed",
    manifest: documents(
      root(
        "tcp-includes.secure.test",
        `tcpproxy: { includes: { name: tcp-pool, namespace: team } }`,
        { tls: own },
      ),
      proxy(
        "tcp-pool",
        `
        tcpproxy:
          loadBalancerPolicy: { strategy: Random }
          healthCheckPolicy: { intervalSeconds: 1, healthyThresholdCount: 1 }
          services: [{ name: tcp, port: 80 }]
        `,
        { namespace: "team" },
      ),
    ),
    async check(scene) {
      assert.deepEqual(await talk(scene, "tcp-includes.secure.test"), ["tcp", "hello"]);
    },
  },
  {
    name: "a port that is probed and does not answer leaves nobody to connect to",
    manifest: ({ backends: { tcp } }) =>
      documents(
        ported("tcp-sick", { main: tcp, health: { port: 1 } }),
        root(
          "tcp-sick.secure.test",
          `
          tcpproxy:
            healthCheckPolicy: { intervalSeconds: 1, unhealthyThresholdCount: 1 }
            services: [{ name: tcp-sick, port: 80, healthPort: 81 }]
          `,
          { tls: own },
        ),
      ),
    async check(scene) {
      await assert.rejects(talk(scene, "tcp-sick.secure.test"), /ended|closed|reset|disconnected/i);
    },
  },
  {
    name: "what a service says of headers is passed over, what it says of TLS is not",
    manifest: documents(
      tunnelled(
        "tcp-checked",
        `{ caSecret: ca, subjectName: x.test, subjectNames: [x.test, ${backendName}] }`,
      ),
      tunnelled("tcp-mistrusted", `{ caSecret: stranger-ca, subjectName: ${backendName} }`),
    ),
    async check(scene) {
      assert.deepEqual(await talk(scene, "tcp-checked.secure.test"), ["tunnel", "hello"]);
      await assert.rejects(
        talk(scene, "tcp-mistrusted.secure.test"),
        /ended|closed|reset|disconnected/i,
      );
    },
  },
];

/** Bytes that Envoy encrypts anew for a backend, whose certificate it checks. */
function tunnelled(name: string, validation: string): string {
  return root(
    `${name}.secure.test`,
    `
    tcpproxy:
      loadBalancerPolicy:
        strategy: RequestHash
        requestHashPolicies:
        - { headerHashOptions: { headerName: x-user }, terminal: true }
        - { queryParameterHashOptions: { parameterName: user } }
        - { hashSourceIP: true }
      services:
      - name: tunnel
        port: 80
        cookieRewritePolicies:
        - name: session
          pathRewrite: { value: / }
          domainRewrite: { value: x.test }
          secure: true
          sameSite: Lax
        protocol: tls
        validation: ${validation}
        requestHeadersPolicy: { set: [{ name: x-a, value: b }], remove: [x-c] }
        responseHeadersPolicy: { set: [{ name: x-a, value: b }], remove: [x-c] }
    `,
    { tls: own },
  );
}
