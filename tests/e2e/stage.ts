/** What every case can count on: backends, Services that lead to them, certificates. */
import assert from "node:assert/strict";
import {
  type Authority,
  type IssuedCertificate,
  makeAuthority,
  validityAround,
} from "../../controller/certs/mod.ts";
import { type Backend, type BackendProtocol, type Echo, startBackend } from "../support/backend.ts";
import type { Gateway, Question } from "../support/gateway.ts";
import type { HttpAnswer } from "../support/http_client.ts";
import { caSecret, documents, service, tlsSecret } from "./manifest.ts";

/** Something a gateway has to do, and the objects that ask for it. */
export interface Case {
  readonly name: string;
  /** YAML. Hosts are the case's own; Services are those of the stage. */
  readonly manifest: string | ((stage: Stage) => string);
  readonly check: (scene: Scene) => Promise<void>;
}

/** A gateway that serves the manifest of a case, among others. */
export interface Scene extends Stage {
  readonly gateway: Pick<Gateway, "place">;
  readonly ask: Gateway["ask"];
}

/** What cases share. */
export interface Stage {
  readonly backends: Backends;
  /** Listens on ::1; absent where this machine has no such address. */
  readonly external?: Backend;
  /** Signs everything but `stranger`. PEM. */
  readonly ca: string;
  /** Of an authority that nobody knows. PEM. */
  readonly strangerCa: string;
  /** For `*.secure.test` and `*.secure.example`. */
  readonly certificate: IssuedCertificate;
}

/** One backend of each name. */
export type Backends = Readonly<Record<keyof typeof protocols, Backend>>;

const protocols = {
  a: "http",
  b: "http",
  c: "http",
  sick: "http",
  mirror: "http",
  h2c: "h2c",
  h2: "h2",
  https: "https",
  tcp: "tcp",
  tcp2: "tcp",
  tunnel: "tls-tcp",
} as const satisfies Readonly<Record<string, BackendProtocol>>;

/** The name on the certificates of the backends that speak TLS. */
export const backendName = "backend.test";

/**
 * Starts the backends and makes the certificates. Backends listen at the address; manifests name the
 * usual one all the same.
 */
export async function setStage(address = "127.0.0.1"): Promise<Stage & AsyncDisposable> {
  const validity = validityAround(new Date(), 30);
  const authority = (commonName: string): Promise<Authority> =>
    makeAuthority({ commonName, validity, algorithm: "ecdsa" });
  const [ours, stranger] = [await authority("Ours"), await authority("Stranger")];
  const issue = (...dnsNames: string[]) => ours.issue({ dnsNames, validity, algorithm: "ecdsa" });
  const serving = await issue(backendName, "tunnel.secure.test");
  const started = await Promise.all(
    Object.entries(protocols).map(async ([name, protocol]) =>
      [name, await startBackend({ name, protocol, certificate: serving, address })] as const
    ),
  );
  const external = await startBackend({ name: "external", address: "::1" }).catch(() => undefined);
  const backends = Object.fromEntries(started) as Backends;
  backends.sick.isHealthy = false;
  return {
    backends,
    ...(external === undefined ? {} : { external }),
    ca: ours.certificate,
    strangerCa: stranger.certificate,
    certificate: await issue("*.secure.test", "*.secure.example"),
    async [Symbol.asyncDispose]() {
      await external?.[Symbol.asyncDispose]();
      await Promise.all(started.map(([, backend]) => backend[Symbol.asyncDispose]()));
    },
  };
}

/**
 * The Services of the namespaces `default` and `team`, each with port 80: one for each backend under
 * its name, `pool` with `a`, `b` and `c`, `half` with `a` and `sick`, `empty` without endpoints, and
 * `closed` with one where nobody listens.
 */
export function stageManifest(stage: Stage): string {
  const { backends, ca, strangerCa, certificate } = stage;
  const { a, b, c, sick } = backends;
  return documents(
    ...["default", "team"].flatMap((namespace) => [
      ...Object.values(backends).map((backend) => service(backend.name, [backend], { namespace })),
      service("pool", [a, b, c], { namespace }),
    ]),
    service("half", [a, sick]),
    service("empty", []),
    service("closed", [{ port: 1 }]),
    tlsSecret("certificate", certificate),
    caSecret("ca", ca),
    caSecret("stranger-ca", strangerCa),
  );
}

/** What a case asks for, on this stage. */
export function manifestOf({ manifest }: Case, stage: Stage): string {
  return typeof manifest === "string" ? manifest : manifest(stage);
}

/** A request of a table, and the backend that answers it or the status that comes instead. */
export type Row = Omit<Question, "host"> & ({ readonly to: string } | { readonly status: number });

/** Checks that the requests of a table to one host are answered as it says. */
export function routes(host: string, rows: readonly Row[]): Case["check"] {
  return async ({ ask }) => {
    for (const row of rows) {
      const answer = await ask({ ...row, host });
      const actual = "to" in row
        ? { to: answer.headers["x-backend"] ?? `status ${answer.status}` }
        : { status: answer.status };
      const expected = "to" in row ? { to: row.to } : { status: row.status };
      assert.deepEqual(actual, expected, `${host} ${JSON.stringify(row)}: ${answer.body}`);
    }
  };
}

/** What the backend was asked. Throws where no backend answered. */
export function echoOf(answer: HttpAnswer): Echo {
  assert.equal(answer.headers["content-type"], "application/json", JSON.stringify(answer));
  return JSON.parse(answer.body);
}

/** How often each backend answers `count` equal requests. */
export async function tally(
  { ask }: Scene,
  question: Question,
  count: number,
): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const { status, headers } = await ask(question);
    const who = headers["x-backend"] ?? `status ${status}`;
    found[who] = (found[who] ?? 0) + 1;
  }
  return found;
}
