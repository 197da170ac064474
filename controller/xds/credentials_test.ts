import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:tls";
import * as grpc from "@grpc/grpc-js";
import {
  type IssuedCertificate,
  makeAuthority,
  type TlsFilesEvent,
  validityAround,
} from "../certs/mod.ts";
import { ResourceCache, serveXds, systemClock, type XdsServer } from "./mod.ts";

interface Identities {
  readonly ca: string;
  readonly contour: IssuedCertificate;
  readonly envoy: IssuedCertificate;
}

async function identities(commonName: string): Promise<Identities> {
  const algorithm = "ecdsa";
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName, validity, algorithm });
  const issue = (name: string) => authority.issue({ dnsNames: [name], validity, algorithm });
  return {
    ca: authority.certificate,
    contour: await issue("contour"),
    envoy: await issue("envoy"),
  };
}

/** A server whose files can be rewritten, and what was said of them. */
class Stage implements AsyncDisposable {
  readonly events: TlsFilesEvent[] = [];
  readonly #stop = new AbortController();
  #server: XdsServer | undefined;
  #wake = () => {};
  port = 0;

  private constructor(readonly folder: string) {}

  static async open(files: Identities): Promise<Stage> {
    const stage = new Stage(await Deno.makeTempDir({ prefix: "contour-test-" }));
    await stage.write(files);
    await stage.#listen();
    return stage;
  }

  get files() {
    const { folder } = this;
    return {
      caFile: `${folder}/ca.crt`,
      certFile: `${folder}/tls.crt`,
      keyFile: `${folder}/tls.key`,
    };
  }

  async write({ ca, contour }: Identities): Promise<void> {
    const { caFile, certFile, keyFile } = this.files;
    await replace(caFile, ca);
    await replace(certFile, contour.certificate);
    await replace(keyFile, contour.privateKey);
  }

  async event(test: (event: TlsFilesEvent) => boolean): Promise<TlsFilesEvent> {
    for (;;) {
      const found = this.events.find(test);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** What a client gets: "ok", or why not. */
  call(credentials: grpc.ChannelCredentials): Promise<string> {
    const client = new grpc.Client(`127.0.0.1:${this.port}`, credentials, {
      "grpc.ssl_target_name_override": "contour",
      "grpc.default_authority": "contour",
      "grpc.use_local_subchannel_pool": 1,
    });
    const bytes = (value: Buffer) => value;
    return new Promise((resolve) => {
      client.makeUnaryRequest("/test/call", bytes, bytes, Buffer.of(1), {
        deadline: Date.now() + 10_000,
      }, (error) => {
        client.close();
        // Only who was let in is told that there is no such method.
        resolve(error?.code === grpc.status.UNIMPLEMENTED ? "ok" : error?.details ?? "");
      });
    });
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    this.#server = await serveXds({
      address: "127.0.0.1",
      port: 0,
      tls: {
        ...this.files,
        lookAgainMs: 5,
        signal,
        onEvent: (event) => {
          this.events.push(event);
          this.#wake();
        },
      },
      cache: new ResourceCache(),
      clock: systemClock,
      onEvent: () => {},
      signal,
    });
    this.port = this.#server.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#server?.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function replace(file: string, content: string): Promise<void> {
  await Deno.writeTextFile(`${file}.new`, content);
  await Deno.rename(`${file}.new`, file);
}

function client(ca: string, own?: IssuedCertificate): grpc.ChannelCredentials {
  return grpc.credentials.createSsl(
    Buffer.from(ca),
    own === undefined ? null : Buffer.from(own.privateKey),
    own === undefined ? null : Buffer.from(own.certificate),
  );
}

Deno.test("only who shows a certificate of the CA is let in", async () => {
  const [ours, foreign] = await Promise.all([identities("ours"), identities("foreign")]);
  await using stage = await Stage.open(ours);
  assert.equal(await stage.call(client(ours.ca, ours.envoy)), "ok");
  assert.notEqual(await stage.call(client(ours.ca)), "ok");
  assert.notEqual(await stage.call(client(ours.ca, foreign.envoy)), "ok");
  assert.notEqual(await stage.call(client(foreign.ca, foreign.envoy)), "ok");
  assert.notEqual(await stage.call(grpc.credentials.createInsecure()), "ok");
  assert.equal(await stage.call(client(ours.ca, ours.envoy)), "ok");
});

Deno.test("nothing older than TLS 1.3, before and after a rotation", async () => {
  const [ours, next] = await Promise.all([identities("ours"), identities("next")]);
  await using stage = await Stage.open(ours);
  const handshake = ({ ca, envoy }: Identities, maxVersion: "TLSv1.2" | "TLSv1.3") =>
    new Promise<string>((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port: stage.port,
        servername: "contour",
        ca,
        cert: envoy.certificate,
        key: envoy.privateKey,
        maxVersion,
        ALPNProtocols: ["h2"],
      }, () => {
        resolve(socket.getProtocol() ?? "");
        socket.destroy();
      });
      socket.on("error", () => resolve("refused"));
    });
  assert.equal(await handshake(ours, "TLSv1.3"), "TLSv1.3");
  assert.equal(await handshake(ours, "TLSv1.2"), "refused");
  stage.events.length = 0;
  await stage.write(next);
  await stage.event(({ kind }) => kind === "loaded");
  assert.equal(await handshake(next, "TLSv1.3"), "TLSv1.3");
  assert.equal(await handshake(next, "TLSv1.2"), "refused");
});

Deno.test("new handshakes use new files; a CA file may hold the old and the new one", async () => {
  const [old, next] = await Promise.all([identities("old"), identities("new")]);
  await using stage = await Stage.open(old);
  stage.events.length = 0;
  await stage.write({ ...next, ca: old.ca + next.ca });
  await stage.event(({ kind }) => kind === "loaded");
  // The first look may have found the new CA alone, before the new certificate was there.
  while (await stage.call(client(next.ca, next.envoy)) !== "ok");
  assert.equal(await stage.call(client(next.ca, old.envoy)), "ok");
  assert.notEqual(await stage.call(client(old.ca, old.envoy)), "ok");
});

Deno.test("what is not usable is told once, and what was good stays in use", async () => {
  const [ours, foreign] = await Promise.all([identities("ours"), identities("foreign")]);
  await using stage = await Stage.open(ours);
  const { certFile, keyFile, caFile } = stage.files;
  const kept = async (message: RegExp) => {
    const told = (event: TlsFilesEvent) => event.kind === "kept" && message.test(event.message);
    await stage.event(told);
    assert.equal(await stage.call(client(ours.ca, ours.envoy)), "ok");
    assert.equal(stage.events.filter(told).length, 1);
  };
  await replace(keyFile, foreign.contour.privateKey);
  await kept(/^Cannot use ".*tls.key": it is not the key of ".*tls.crt"$/);
  await replace(certFile, "no certificate");
  await kept(/^Cannot use ".*tls.crt": it holds no certificate in PEM$/);
  await Deno.remove(caFile);
  await kept(/^Cannot read ".*ca.crt": there is no such file$/);
  stage.events.length = 0;
  await stage.write(ours);
  await stage.event(({ kind }) => kind === "loaded");
  assert.equal(await stage.call(client(ours.ca, ours.envoy)), "ok");
});

Deno.test("files that are not usable to begin with are no start", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const options = {
    caFile: `${folder}/ca.crt`,
    certFile: `${folder}/tls.crt`,
    keyFile: `${folder}/tls.key`,
    onEvent: () => assert.fail("nothing happened"),
    signal: AbortSignal.abort(),
  };
  const serve = () =>
    serveXds({
      address: "127.0.0.1",
      port: 0,
      tls: options,
      cache: new ResourceCache(),
      clock: systemClock,
      onEvent: options.onEvent,
      signal: options.signal,
    });
  try {
    await assert.rejects(
      serve(),
      /^Error: Cannot read ".*": there is no such file/,
    );
    for (const file of [options.caFile, options.certFile, options.keyFile]) {
      await Deno.writeTextFile(file, "");
    }
    await assert.rejects(serve(), /ca.crt": it holds no certificate in PEM$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
