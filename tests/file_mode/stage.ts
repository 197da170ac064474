/** A folder of files, the real controller that serves it, and a real Envoy behind: for tests of file mode. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import type { LogFields, Logger } from "../../controller/admin/mod.ts";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { localConfiguration } from "../../controller/local_configuration.ts";
import { serve } from "../../controller/serve.ts";
import type { ServeHandle, Started } from "../../controller/serve_options.ts";
import { type Backend, startBackend } from "../support/backend.ts";
import { listenPlace } from "../support/envoy.ts";
import { type HttpAnswer, send } from "../support/http_client.ts";
import { eventually, within } from "../support/wait.ts";
import { endpointSlice, httpProxy, secret, service } from "./manifests.ts";

/** What a test does to the folder, and what it sees of it. */
export interface Stage extends AsyncDisposable {
  /** Absolute. */
  readonly folder: string;
  readonly handle: ServeHandle;
  readonly started: Started;
  /** PEM of who signed the certificates of the good hosts. */
  readonly ca: string;
  /** The path of a file of the folder. */
  readonly path: (name: string) => string;
  /** Writes a file, with the folders around it. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** What the log has so far; a mark for {@link Stage.told}. */
  readonly lines: readonly LogLine[];
  /** Waits for a line, among those after the first `after` ones. */
  readonly told: (what: string, wanted: Wanted, after?: number) => Promise<LogLine>;
  /** Asks the gateway for `/` of a host; status 0 when TLS is refused. */
  readonly ask: (host: string, options?: { readonly tls?: boolean }) => Promise<HttpAnswer>;
  /** Waits until a host gives this body, or this status. */
  readonly answers: (
    host: string,
    wanted: string | number,
    options?: { readonly tls?: boolean },
  ) => Promise<void>;
  /** Waits until a host shows this certificate (PEM), or with `undefined` refuses TLS. */
  readonly presents: (host: string, certificate: string | undefined) => Promise<void>;
  /** Throws if a good host did not answer with 200 some time since the start. */
  readonly steady: () => void;
}

/** One event of the log. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly msg: string;
  readonly fields: LogFields;
}

/** What a line of the log has to be: every part that is given. */
export interface Wanted {
  readonly level?: LogLine["level"];
  /** `case.yaml:3:5`, beneath the folder; `:1:1` for the folder itself. */
  readonly at?: string;
  readonly code?: string;
  readonly message?: RegExp | string;
  /** A file beneath the folder. */
  readonly file?: string;
}

/** Starts it with hosts that nothing may disturb, and asks them all the time. */
export async function startStage(): Promise<Stage> {
  const folder = await Deno.makeTempDir({ prefix: "contour-file-mode-" });
  const backend = await startBackend({ name: "good" });
  const authority = await makeAuthority({ commonName: "Test CA", validity, algorithm: "ecdsa" });
  const issued = await authority.issue({ dnsNames: [secure], validity, algorithm: "ecdsa" });
  const files = goodFiles(backend, secret("good", issued));
  for (const [name, text] of Object.entries(files)) await put(join(folder, name), text);

  const stop = new AbortController();
  const { log, lines } = collectingLogger();
  const place = listenPlace();
  const handle = serve({
    source: { kind: "files", paths: [folder], namespace: "default" },
    configuration: localConfiguration({
      xds: { address: "127.0.0.1", port: 0 },
      http: { address: "127.0.0.1", port: 0 },
      stats: { address: place.address, port: 0 },
      envoyHttp: { address: place.address, port: place.http },
      envoyHttps: { address: place.address, port: place.https },
    }),
    envoy: { kind: "managed" },
    layout: "scoped",
  }, { log, signal: stop.signal });
  const end = async () => {
    stop.abort();
    await handle.done.finally(() => backend[Symbol.asyncDispose]());
    // A test may have taken it away.
    await Deno.remove(folder, { recursive: true }).catch(ignoreMissing);
  };

  const peer = (host: string) => peerCertificate(place.address, place.https, host);
  const ask: Stage["ask"] = (host, { tls = false } = {}) =>
    send({
      address: place.address,
      port: tls ? place.https : place.http,
      ...(tls ? { tls: { serverName: host, ca: authority.certificate } } : {}),
    }, { host });
  let pulse: Pulse | undefined;
  try {
    const started = await within("the controller has started", handle.started, 30_000);
    await within("Envoy is ready", handle.ready, 120_000);
    for (const { host, tls } of goodHosts) {
      await eventually(`${host} answers`, async () => (await ask(host, { tls })).status === 200);
    }
    pulse = startPulse(ask);
    return makeStage({
      folder,
      handle,
      started,
      ca: authority.certificate,
      lines,
      ask,
      peer,
      pulse,
      end,
    });
  } catch (error) {
    await end();
    throw new Error("The stage cannot be set", { cause: error });
  }
}

const secure = "secure.localhost";
const validity = validityAround(new Date(), 30);

const goodHosts = [
  { host: "plain.localhost", tls: false },
  { host: "parent.localhost", tls: false },
  { host: secure, tls: true },
] as const;

function goodFiles(backend: Backend, certificate: string): Readonly<Record<string, string>> {
  const route = "  routes:\n    - services: [{name: good, port: 80}]\n";
  return {
    "good/plain.yaml": httpProxy("plain", `  virtualhost: {fqdn: plain.localhost}\n${route}`),
    "good/parent.yaml": httpProxy(
      "parent",
      "  virtualhost: {fqdn: parent.localhost}\n  includes: [{name: child}]\n",
    ),
    "good/deep/child.yml": httpProxy("child", route),
    "good/secure.yaml":
      httpProxy("secure", `  virtualhost: {fqdn: ${secure}, tls: {secretName: good}}\n${route}`) +
      `---\n${certificate}`,
    "good/backend.yaml": `${service("good")}---\n${endpointSlice("good", backend.port)}`,
  };
}

interface Parts extends Pick<Stage, "folder" | "handle" | "started" | "ca" | "lines" | "ask"> {
  readonly peer: (host: string) => Promise<string | undefined>;
  readonly pulse: Pulse;
  readonly end: () => Promise<void>;
}

function makeStage({ peer, pulse, end, ...parts }: Parts): Stage {
  const { folder, lines, ask } = parts;
  const path = (name: string) => join(folder, name);
  return {
    ...parts,
    path,
    write: (name, content) => put(path(name), content),
    remove: (name) => Deno.remove(path(name), { recursive: true }),
    told: (what, wanted, after = 0) =>
      eventually(`${what} is told: ${JSON.stringify(wanted)}`, () => {
        const found = lines.slice(after).find((line) => isWanted(line, wanted, path));
        if (found !== undefined) return found;
        const told = lines.slice(after).filter(({ level }) => level !== "debug");
        throw new Error(`Told was: ${JSON.stringify(told.slice(-5), undefined, 1)}`);
      }, { withinMs: 20_000 }),
    async answers(host, wanted, options) {
      await eventually(`${host} answers ${wanted}`, async () => {
        const { status, body } = await ask(host, options);
        const answer = typeof wanted === "number" ? status : body;
        if (answer === wanted) return true;
        throw new Error(`The answer is ${status} ${body}`);
      });
    },
    async presents(host, certificate) {
      const wanted = certificate && new X509Certificate(certificate).fingerprint256;
      await eventually(`${host} presents ${wanted}`, async () => (await peer(host)) === wanted);
    },
    steady: () => pulse.check(),
    async [Symbol.asyncDispose]() {
      await pulse.stop();
      await end();
    },
  };
}

function isWanted(line: LogLine, wanted: Wanted, path: (name: string) => string): boolean {
  const { level, at, code, message, file } = wanted;
  return (level === undefined || line.level === level) &&
    (at === undefined || line.fields["at"] === (at.startsWith(":") ? path("") + at : path(at))) &&
    (code === undefined || line.fields["code"] === code) &&
    (file === undefined || line.fields["file"] === path(file)) &&
    (message === undefined ||
      (typeof message === "string" ? line.msg === message : message.test(line.msg)));
}

/** The fingerprint of what a server shows, whoever signed it; `undefined` when it refuses. */
function peerCertificate(
  address: string,
  port: number,
  host: string,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host: address, port, servername: host, rejectUnauthorized: false });
  socket.on("secureConnect", () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  });
  socket.on("error", () => resolve(undefined));
  socket.on("close", () => resolve(undefined));
  return within(`${host} greets by TLS`, promise);
}

interface Pulse {
  /** Throws if something was amiss so far. */
  check(): void;
  stop(): Promise<void>;
}

/** Asks every good host, again and again. */
function startPulse(ask: Stage["ask"]): Pulse {
  const amiss: string[] = [];
  let beats = 0;
  let isOver = false;
  const beat = async () => {
    while (!isOver) {
      for (const { host, tls } of goodHosts) {
        try {
          const { status } = await ask(host, { tls });
          if (status !== 200) amiss.push(`${host}: ${status}`);
        } catch (error) {
          amiss.push(`${host}: ${error}`);
        }
        beats++;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const done = beat();
  return {
    check() {
      assert.deepEqual(amiss, [], "good hosts were disturbed");
      assert.ok(beats > 0);
    },
    async stop() {
      isOver = true;
      await done;
    },
  };
}

function collectingLogger(): { readonly log: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine["level"]) => (msg: string, fields: LogFields = {}) => {
    lines.push({ level, msg, fields });
  };
  const log: Logger = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: () => log,
  };
  return { log, lines };
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
