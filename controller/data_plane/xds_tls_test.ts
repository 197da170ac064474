import assert from "node:assert/strict";
import { dirname } from "node:path";
import { makeAuthority, validityAround } from "../certs/mod.ts";
import { ResourceCache, serveXds, systemClock, type XdsEvent, type XdsServer } from "../xds/mod.ts";
import { bootstrapFiles, envoyBinary, envoyProcess } from "./mod.ts";

/** The certificates of both sides in a folder each, as they are mounted into two pods. */
class Mounts implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Mounts> {
    return new Mounts(await Deno.makeTempDir({ prefix: "contour-test-" }));
  }

  filesOf(who: "contour" | "envoy") {
    const at = `${this.folder}/${who}`;
    return { caFile: `${at}/ca.crt`, certFile: `${at}/tls.crt`, keyFile: `${at}/tls.key` };
  }

  /** Puts certificates of a new authority in the place of those there are. */
  async renew(): Promise<void> {
    const algorithm = "ecdsa";
    const validity = validityAround(new Date(), 1);
    const commonName = crypto.randomUUID();
    const authority = await makeAuthority({ commonName, validity, algorithm });
    for (const who of ["contour", "envoy"] as const) {
      const own = await authority.issue({ dnsNames: [who], validity, algorithm });
      const { caFile, certFile, keyFile } = this.filesOf(who);
      await Deno.mkdir(dirname(caFile), { recursive: true });
      await replace(caFile, authority.certificate);
      await replace(certFile, own.certificate);
      await replace(keyFile, own.privateKey);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function replace(file: string, content: string): Promise<void> {
  await Deno.writeTextFile(`${file}.new`, content);
  await Deno.rename(`${file}.new`, file);
}

/** A controller with nothing to serve, and the Envoys that reach it. */
class Controller {
  readonly #connected = Promise.withResolvers<string>();
  server: XdsServer | undefined;

  async start(mounts: Mounts, port: number, signal: AbortSignal): Promise<XdsServer> {
    return this.server = await serveXds({
      address: "127.0.0.1",
      port,
      cache: new ResourceCache(),
      tls: { ...mounts.filesOf("contour"), onEvent: () => {}, signal },
      clock: systemClock,
      onEvent: (event: XdsEvent) => {
        if (event.kind === "connected") this.#connected.resolve(event.node.id);
      },
      signal,
    });
  }

  get connected(): Promise<string> {
    return this.#connected.promise;
  }
}

for (const rotating of [false, true]) {
  const what = rotating ? "takes new certificates without a restart" : "connects by certificate";
  Deno.test(`Envoy ${what}`, async () => {
    await using mounts = await Mounts.make();
    await mounts.renew();
    const stop = new AbortController();
    const first = new Controller();
    const { port } = await first.start(mounts, 0, stop.signal);
    const resourcesDir = `${mounts.folder}/resources`;
    const tls = { ...mounts.filesOf("envoy"), ...(rotating ? { resourcesDir } : {}) };
    const bootstrap = {
      node: { id: "envoy-1", cluster: "contour" },
      xds: { address: "127.0.0.1", port, tls },
    };
    await Deno.mkdir(`${resourcesDir}/sds`, { recursive: true });
    const admin = { path: "" }; // of no consequence for the files
    for (const [file, text] of bootstrapFiles({ ...bootstrap, admin })) {
      await Deno.writeTextFile(file, text);
    }
    const binary = await envoyBinary();
    const log: string[] = [];
    const envoy = await envoyProcess({
      binary,
      bootstrap,
      concurrency: 1,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === "line") log.push(event.text);
      },
    });
    try {
      assert.equal(await soon(first.connected, log), "envoy-1");
      if (!rotating) return;
      await mounts.renew();
      await first.server?.close();
      // Knows the new authority alone: whoever gets in shows a certificate of it, and trusts it.
      const second = new Controller();
      await second.start(mounts, port, stop.signal);
      assert.equal(await soon(second.connected, log), "envoy-1");
    } finally {
      stop.abort();
      await envoy.done;
      await first.server?.close();
    }
  });
}

/** Within half a minute, or never; then with what Envoy said. */
async function soon<Value>(promise: Promise<Value>, log: readonly string[]): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(log.slice(-5).join("\n"))), 30_000);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
