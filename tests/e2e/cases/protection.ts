import assert from "node:assert/strict";
import { goRound, secureRoot } from "../going_round.ts";
import { documents, root } from "../manifest.ts";
import { type Case, routes } from "../stage.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;

/** Who may ask, from where, and how often. */
export const protection: readonly Case[] = [
  {
    name: "CORS: preflights are answered, and answers say who may read them",
    manifest: documents(
      cors("cors.test", {
        allowCredentials: true,
        allowPrivateNetwork: true,
        allowOrigin: ["https://shop.example", "https://[a-z]+[.]team[.]example"],
        allowMethods: ["GET", "PUT"],
        allowHeaders: ["x-one", "x-two"],
        exposeHeaders: ["x-three", "x-four"],
        maxAge: "10m",
      }),
      cors("cors-any.test", { allowOrigin: ["*"], allowMethods: ["GET"], maxAge: "0" }),
    ),
    async check({ ask }) {
      const preflight = async (host: string, origin: string) =>
        await ask({
          method: "OPTIONS",
          host,
          headers: {
            origin,
            "access-control-request-method": "PUT",
            "access-control-request-private-network": "true",
          },
        });
      const origin = "https://shop.example";
      const { status, headers } = await preflight("cors.test", origin);
      assert.equal(status, 200);
      assert.deepEqual(accessControl(headers), {
        "allow-origin": origin,
        "allow-credentials": "true",
        "allow-methods": "GET,PUT",
        "allow-headers": "x-one,x-two",
        "expose-headers": "x-three,x-four",
        "max-age": "600",
        "allow-private-network": "true",
      });
      const team = await ask({ host: "cors.test", headers: { origin: "https://a.team.example" } });
      assert.deepEqual([team.headers["x-backend"], accessControl(team.headers)], ["a", {
        "allow-origin": "https://a.team.example",
        "allow-credentials": "true",
        "expose-headers": "x-three,x-four",
      }]);
      for (const stranger of ["https://evil.example", "https://a.team.example.evil.example"]) {
        const { headers } = await preflight("cors.test", stranger);
        assert.deepEqual(accessControl(headers), {}, stranger);
      }
      const any = await preflight("cors-any.test", "https://evil.example");
      assert.deepEqual(accessControl(any.headers), {
        "allow-origin": "https://evil.example",
        "allow-methods": "GET",
        "max-age": "0",
      });
    },
  },
  {
    name: "addresses are let in or kept out, by the host and in its place by the route",
    manifest: documents(
      addresses("allowed.test", `ipAllowPolicy: [{ source: Peer, cidr: 127.0.9.0/30 }]`, ""),
      addresses("denied.test", `ipDenyPolicy: [{ source: Remote, cidr: 127.0.9.1 }]`, ""),
      addresses(
        "routed.test",
        `ipAllowPolicy: [{ source: Peer, cidr: 127.0.9.1/32 }]`,
        `ipAllowPolicy: [{ source: Remote, cidr: 127.0.9.2/32 }]`,
      ),
      addresses("routed-deny.test", "", `ipDenyPolicy: [{ source: Peer, cidr: 127.0.9.0/24 }]`),
    ),
    async check(scene) {
      const [one, two, far] = ["127.0.9.1", "127.0.9.2", "127.0.9.9"].map((localAddress) => ({
        localAddress,
      }));
      // What a client says of its own address is not believed.
      const lie = { headers: { "x-forwarded-for": "127.0.9.2", "x-real-ip": "127.0.9.2" } };
      await routes("allowed.test", [
        { ...one, to: "a" },
        { ...far, status: 403 },
        { ...far, ...lie, status: 403 },
      ])(scene);
      await routes("denied.test", [
        { ...one, status: 403 },
        { ...one, ...lie, status: 403 },
        { ...two, to: "a" },
      ])(scene);
      await routes("routed.test", [
        { ...one, to: "a" },
        { ...two, status: 403 },
        { ...one, path: "/own", status: 403 },
        { ...two, path: "/own", to: "b" },
        { ...one, ...lie, path: "/own", status: 403 },
      ])(scene);
      await routes("routed-deny.test", [
        { ...one, to: "a" },
        { ...one, path: "/own", status: 403 },
        { ...one, path: "//own", status: 403 },
        { path: "/own", to: "b" },
      ])(scene);
    },
  },
  {
    name: "the address filter of a route holds whatever the route answers",
    manifest: documents(
      root(
        "answered.test",
        `routes:
  - ${to("a")}
  - conditions: [{ prefix: /moved }]
    requestRedirectPolicy: { path: /elsewhere }
    ipAllowPolicy: [{ source: Peer, cidr: 127.0.9.2/32 }]
  - conditions: [{ prefix: /direct }]
    directResponsePolicy: { statusCode: 200 }
    ipDenyPolicy: [{ source: Peer, cidr: 127.0.9.1/32 }]
  - conditions: [{ prefix: /nobody }]
    ${to("nobody")}
    ipAllowPolicy: [{ source: Peer, cidr: 127.0.9.2/32 }]`,
      ),
      secureRoot("answered.secure.test", {
        ipAllowPolicy: [{ source: "Peer", cidr: "127.0.9.1/32" }],
      }, [
        { services: [{ name: "a", port: 80 }] },
        {
          conditions: [{ prefix: "/own" }],
          services: [{ name: "a", port: 80 }],
          ipAllowPolicy: [{ source: "Peer", cidr: "127.0.9.2/32" }],
        },
      ]),
    ),
    async check(scene) {
      const [one, two] = ["127.0.9.1", "127.0.9.2"].map((localAddress) => ({ localAddress }));
      await routes("answered.test", [
        { ...one, to: "a" },
        { ...one, path: "/moved", status: 403 },
        { ...two, path: "/moved", status: 302 },
        { ...one, path: "/direct", status: 403 },
        { ...one, path: "/x/../direct", status: 403 },
        { ...two, path: "/direct", status: 200 },
        { ...one, path: "/nobody", status: 403 },
        { ...two, path: "/nobody", status: 503 },
      ])(scene);
      const tls = { ca: scene.ca };
      // Who is let in over https finds the way there, and others are not even told of it.
      await routes("answered.secure.test", [
        { ...one, status: 301 },
        { ...two, status: 403 },
        { ...one, path: "/own", status: 403 },
        { ...two, path: "/own", status: 301 },
        { ...one, path: "/own", tls, status: 403 },
        { ...two, path: "/own", tls, to: "a" },
      ])(scene);
    },
  },
  {
    name: "address filters over TLS hold on any connection",
    manifest: root(
      "ip.secure.test",
      `routes: [{ ${to("a")}, ipDenyPolicy: [{ source: Peer, cidr: 127.0.9.0/24 }] }]`,
      {
        tls: "{ secretName: certificate }",
      },
    ),
    async check(scene) {
      const tls = { ca: scene.ca };
      const host = "ip.secure.test";
      await routes(host, [
        { tls, to: "a" },
        { tls, localAddress: "127.0.9.1", status: 403 },
        { tls, localAddress: "127.0.9.1", httpVersion: "2", status: 403 },
        {
          tls: { ca: scene.ca, serverName: "plain.secure.test" },
          localAddress: "127.0.9.1",
          status: 421,
        },
      ])(scene);
    },
  },
  {
    name: "no way leads round an address filter",
    manifest: documents(
      secureRoot("kept-out.secure.test", {
        ipDenyPolicy: [{ source: "Peer", cidr: "127.0.0.0/8" }],
      }, [
        {
          conditions: [{ prefix: "/open" }],
          services: [{ name: "a", port: 80 }],
          ipAllowPolicy: [{ source: "Peer", cidr: "127.0.0.0/8" }],
        },
        { services: [{ name: "a", port: 80 }], permitInsecure: true },
      ]),
      secureRoot("let-in.secure.test", {}, [{ services: [{ name: "b", port: 80 }] }]),
    ),
    async check({ gateway: { place }, ask, ca }) {
      const host = "kept-out.secure.test";
      const open = await ask({ host, path: "/open", tls: { ca } });
      assert.equal(open.headers["x-backend"], "a");
      const attempts = await goRound({
        place,
        host,
        path: "/admin",
        openHost: "let-in.secure.test",
        openPath: "/open",
        ca,
      });
      const inside = attempts.filter(({ outcome, backend }) =>
        backend !== undefined || (typeof outcome === "number" && outcome < 300)
      );
      assert.deepEqual(inside, []);
    },
  },
  {
    name: "local rate limits: so many requests, and then an answer of one's choice",
    manifest: documents(
      limited("limited.test", "local: { requests: 1, unit: hour, burst: 1 }"),
      limited(
        "limited-words.test",
        `local:
          requests: 1
          unit: hour
          responseStatusCode: 503
          responseHeadersToAdd: [{ name: x-limited, value: "host: 100%" }]`,
      ),
      root(
        "limited-routes.test",
        `
        routes:
        - conditions: [{ prefix: /one }]
          ${to("a")}
          rateLimitPolicy:
            local:
              requests: 1
              unit: hour
              burst: 1
              responseStatusCode: 423
              responseHeadersToAdd: [{ name: x-limited, value: route }]
        - conditions: [{ prefix: /two }]
          ${to("a")}
          rateLimitPolicy: { local: { requests: 1, unit: hour } }
        - ${to("a")}
        `,
      ),
    ),
    async check(scene) {
      await routes("limited.test", [{ to: "a" }, { to: "a" }, { status: 429 }, {
        path: "/elsewhere",
        status: 429,
      }])(scene);
      await routes("limited-words.test", [{ to: "a" }])(scene);
      const words = await scene.ask({ host: "limited-words.test" });
      assert.deepEqual([words.status, words.headers["x-limited"]], [503, "host: 100%"]);
      await routes("limited-routes.test", [
        { path: "/one", to: "a" },
        { path: "/one", to: "a" },
        { path: "/one", status: 423 },
        { path: "/two", to: "a" },
        { path: "/two", status: 429 },
        { path: "/", to: "a" },
      ])(scene);
      const { headers } = await scene.ask({ host: "limited-routes.test", path: "/one" });
      assert.equal(headers["x-limited"], "route");
    },
  },
];

function cors(fqdn: string, corsPolicy: object): string {
  return JSON.stringify({
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: fqdn },
    spec: {
      virtualhost: { fqdn, corsPolicy },
      routes: [{ services: [{ name: "a", port: 80 }] }],
    },
  });
}

/** The headers of CORS without what they all begin with. */
function accessControl(headers: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = "access-control-";
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** A host with a filter, and its path `/own` with another. */
function addresses(fqdn: string, ofHost: string, ofRoute: string): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${fqdn} }
spec:
  virtualhost:
    fqdn: ${fqdn}
    ${ofHost}
  routes:
  - ${to("a")}
  - conditions: [{ prefix: /own }]
    ${to("b")}
    ${ofRoute}`;
}

function limited(fqdn: string, policy: string): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${fqdn} }
spec:
  virtualhost:
    fqdn: ${fqdn}
    rateLimitPolicy:
      ${policy}
  routes:
  - ${to("a")}`;
}
