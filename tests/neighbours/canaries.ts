/**
 * What another team changes all the time: a route, a setting of a cluster, endpoints, a route and
 * the certificate of a TLS host, a new TLS host, an Ingress. All seven have to move, whatever the
 * neighbours do.
 */
import { X509Certificate } from "node:crypto";
import { connect as connectTls } from "node:tls";
import {
  type IssuedCertificate,
  makeAuthority,
  validityAround,
} from "../../controller/certs/mod.ts";
import type { Backend } from "../support/backend.ts";
import type { Manifest } from "../support/cluster/mod.ts";
import { send } from "../support/http_client.ts";
import { eventually, within } from "../support/wait.ts";
import { secretOf, serviceAt, type Side, type World } from "./world.ts";

/** What canaries are made of. */
export interface CanaryStage {
  /** Where the backends listen. */
  readonly address: string;
  readonly backends: { readonly a: Backend; readonly b: Backend };
  readonly certificates: readonly [IssuedCertificate, IssuedCertificate];
  /** Of who signed them. PEM. */
  readonly ca: string;
}

/** Makes the certificates of the canaries. */
export async function makeCanaryStage(): Promise<Pick<CanaryStage, "certificates" | "ca">> {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({
    commonName: "Canary",
    validity,
    algorithm: "ecdsa",
  });
  const issue = () =>
    authority.issue({ dnsNames: ["*.canary.test"], validity, algorithm: "ecdsa" });
  return { certificates: [await issue(), await issue()], ca: authority.certificate };
}

/** The canaries of one world, and how far they are. */
export class Canaries {
  readonly #world: World;
  #serial = 0;
  #edits = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Puts them where they have not been, without waiting for anybody. */
  async put(): Promise<void> {
    this.#serial++;
    const files = Object.entries(canaries(this.#world.stage, this.#serial));
    await Promise.all(files.map(([name, objects]) => this.#world.put(`canary-${name}`, objects)));
  }

  /** Edits the route alone. Resolves with the milliseconds until it is served everywhere. */
  async edit(limitMs = 5_000): Promise<number> {
    const { stage, sides } = this.#world;
    const begin = performance.now();
    const route = proxy("edited", answer(++this.#edits));
    await this.#world.put("canary-edited", [route]);
    await Promise.all(sides.map((side) =>
      eventually(
        "the route is edited",
        async () => await body({ ...stage, side }, "edited") === String(this.#edits),
        { withinMs: limitMs },
      )
    ));
    return performance.now() - begin;
  }

  /** Moves them all. Resolves with the time in milliseconds that the slowest took. */
  async move(limitMs = 5_000): Promise<number> {
    const begin = performance.now();
    await this.put();
    return await this.arrive(limitMs, begin);
  }

  /** Waits until all are where they were put last. Rejects with the names of those that are not. */
  async arrive(limitMs = 5_000, begin = performance.now()): Promise<number> {
    const late: string[] = [];
    const { sides, stage } = this.#world;
    await Promise.all(sides.flatMap((side) =>
      Object.entries(checks).map(async ([name, check]) => {
        const left = limitMs - (performance.now() - begin);
        try {
          await eventually(name, () => check({ ...stage, side }, this.#serial), { withinMs: left });
        } catch (error) {
          const cause = error instanceof Error && error.cause instanceof Error
            ? error.cause
            : error;
          const seen = cause instanceof Error ? cause.message : cause;
          late.push(`${name} in ${side.layout} (${seen})`);
        }
      })
    ));
    if (late.length > 0) throw new Error(`These do not move within ${limitMs} ms: ${late.sort()}`);
    return performance.now() - begin;
  }
}

const namespace = "canary";

function canaries(
  { address, backends, certificates }: CanaryStage,
  serial: number,
): Readonly<Record<string, readonly Manifest[]>> {
  const [port, certificate] = serial % 2 === 0
    ? [backends.a.port, certificates[0]]
    : [backends.b.port, certificates[1]];
  const limit = { "projectcontour.io/max-connections": String(1_000 + serial) };
  return {
    route: [proxy("route", answer(serial))],
    setting: [
      ...serviceAt({ namespace, name: "setting" }, address, backends.a.port, limit),
      proxy("setting", { services: [{ name: "setting", port: 80 }] }),
    ],
    endpoints: [
      ...serviceAt({ namespace, name: "pool" }, address, port),
      proxy("pool", { services: [{ name: "pool", port: 80 }] }),
    ],
    secure: [proxy("secure", answer(serial), true)],
    certificate: [secretOf({ namespace, name: "canary" }, {
      "tls.crt": certificate.certificate,
      "tls.key": certificate.privateKey,
    })],
    fresh: [proxy(`fresh-${serial}`, answer(serial), true)],
    ingress: [ingress(serial)],
  };
}

function answer(serial: number): object {
  return { directResponsePolicy: { statusCode: 200, body: String(serial) } };
}

function proxy(name: string, route: object, isSecure = false): Manifest {
  const tls = isSecure ? { tls: { secretName: "canary" } } : {};
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace, name },
    spec: { virtualhost: { fqdn: `${name}.canary.test`, ...tls }, routes: [route] },
  };
}

function ingress(serial: number): Manifest {
  const backend = { service: { name: "setting", port: { number: 80 } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { namespace, name: "ingress" },
    spec: {
      rules: [{
        host: "ingress.canary.test",
        http: { paths: [{ path: `/${serial}`, pathType: "Exact", backend }] },
      }],
    },
  };
}

/** Where canaries are looked at. */
interface Cage extends CanaryStage {
  readonly side: Side;
}

/** Whether each is where its number says. Throw what they see instead. */
const checks: Readonly<Record<string, (cage: Cage, serial: number) => Promise<boolean>>> = {
  route: async (cage, serial) => same(await body(cage, "route"), String(serial)),
  setting: async ({ side }, serial) => {
    const limits = /canary\/setting\/\S*::default_priority::max_connections::(\d+)/.exec(
      await side.admin("/clusters"),
    );
    return same(limits?.[1], String(1_000 + serial));
  },
  endpoints: async (cage, serial) => {
    const text = await body(cage, "pool");
    const backend = text.startsWith("{") ? JSON.parse(text).backend : text;
    return same(backend, serial % 2 === 0 ? "a" : "b");
  },
  secure: async (cage, serial) => same(await body(cage, "secure", true), String(serial)),
  certificate: async ({ side: { place }, certificates }, serial) => {
    const wanted = certificates[serial % 2 === 0 ? 0 : 1].certificate;
    return same(
      await fingerprint(place.address, place.https, "secure.canary.test"),
      new X509Certificate(wanted).fingerprint256,
    );
  },
  fresh: async (cage, serial) => same(await body(cage, `fresh-${serial}`, true), String(serial)),
  ingress: async (cage, serial) => {
    const { status } = await ask(cage, "ingress", false, `/${serial}`);
    return same(status, 200);
  },
};

function same(actual: unknown, expected: unknown): boolean {
  if (actual === expected) return true;
  throw new Error(`it is ${actual}, not ${expected}`);
}

async function body(cage: Cage, name: string, isSecure = false): Promise<string> {
  const { status, body } = await ask(cage, name, isSecure);
  return status === 200 ? body : `status ${status}`;
}

function ask({ side: { place }, ca }: Cage, name: string, isSecure: boolean, path = "/") {
  const { address, http, https } = place;
  const host = `${name}.canary.test`;
  const target = isSecure
    ? { address, port: https, tls: { serverName: host, ca } }
    : { address, port: http };
  return send(target, { host, path });
}

/** Of the certificate a server shows, whoever signed it; `undefined` when it refuses. */
export function fingerprint(
  address: string,
  port: number,
  host: string,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connectTls({ host: address, port, servername: host, rejectUnauthorized: false });
  socket.on("secureConnect", () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  });
  socket.on("error", () => resolve(undefined));
  socket.on("close", () => resolve(undefined));
  return within(`${host} greets by TLS`, promise);
}
