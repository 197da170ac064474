import type { Clock } from "./clock.ts";
import { type ExecCredential, runPlugin } from "./exec_credential.ts";
import type { ClusterAccess, ExecPlugin, Material } from "./kubeconfig.ts";

/**
 * Who we are to the API server, at every moment: files are read again when they may have changed,
 * plugins asked again when their answer expires or is refused.
 */
export class Credentials {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  readonly #files = new Map<string, { readonly text: string; readonly readAt: number }>();
  #exec: ExecCredential | undefined;
  #asking: Promise<ExecCredential> | undefined;

  constructor(access: ClusterAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** What to send with the next request. Throws an `Error` when it cannot be had. */
  async current(signal: AbortSignal): Promise<Presented> {
    const { identity, headers, authority } = this.#access;
    const trusted = authority && await this.#pem(authority);
    const tls = trusted === undefined ? {} : { authority: trusted };
    const bearer = (token: string) => ({
      headers: { ...headers, authorization: `Bearer ${token}` },
      tls,
    });
    switch (identity.kind) {
      case "nobody":
        return { headers, tls };
      case "token":
        return bearer(identity.token);
      case "tokenFile":
        return bearer((await this.#file(identity.path)).trim());
      case "password": {
        const pair = new TextEncoder().encode(`${identity.username}:${identity.password}`);
        const basic = `Basic ${btoa(String.fromCharCode(...pair))}`;
        return { headers: { ...headers, authorization: basic }, tls };
      }
      case "certificate": {
        const certificate = await this.#pem(identity.certificate);
        return { headers, tls: { ...tls, certificate, key: await this.#pem(identity.key) } };
      }
      case "exec": {
        const { token, certificate, key } = await this.#fromPlugin(trusted, signal);
        const own = certificate !== undefined && key !== undefined ? { certificate, key } : {};
        const { headers: sent } = token === undefined ? { headers } : bearer(token);
        return { headers: sent, tls: { ...tls, ...own } };
      }
    }
  }

  /** The server refused what was sent: whatever can be had anew is. */
  refused(): void {
    this.#files.clear();
    this.#exec = undefined;
  }

  async #pem(material: Material): Promise<string> {
    return material.kind === "pem" ? material.text : await this.#file(material.path);
  }

  async #file(path: string): Promise<string> {
    const now = this.#clock.monotonic();
    const known = this.#files.get(path);
    if (known !== undefined && now - known.readAt < rereadMs) return known.text;
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch (cause) {
      // A file that is being replaced: what it held is good for a while.
      if (known !== undefined) return known.text;
      throw new Error(`Cannot read credentials: "${path}" cannot be read`, { cause });
    }
    this.#files.set(path, { text, readAt: now });
    return text;
  }

  async #fromPlugin(authority: string | undefined, signal: AbortSignal): Promise<ExecCredential> {
    const known = this.#exec;
    const { expiresAt = Number.POSITIVE_INFINITY } = known ?? {};
    if (known !== undefined && this.#clock.now() < expiresAt - leewayMs) return known;
    const { identity } = this.#access;
    if (identity.kind !== "exec") throw new Error("There is no plugin to ask");
    // Asked once for all requests that wait, and not ended by one of them giving up.
    this.#asking ??= this.#ask(identity.plugin, authority).finally(() => this.#asking = undefined);
    this.#exec = await this.#asking;
    signal.throwIfAborted();
    return this.#exec;
  }

  async #ask(plugin: ExecPlugin, authority: string | undefined): Promise<ExecCredential> {
    const end = new AbortController();
    const cancel = this.#clock.after(pluginMs, () => end.abort());
    try {
      return await runPlugin(plugin, this.#access, authority, end.signal);
    } finally {
      cancel();
    }
  }
}

/** What goes with a request, and what its connection is made with. */
export interface Presented {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** All PEM. */
export interface TlsMaterial {
  readonly authority?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** A projected token is renewed long before it expires, so this is soon enough. */
const rereadMs = 10_000;

/** What expires within this time is not worth sending. */
const leewayMs = 10_000;

/** How long a plugin may take. */
const pluginMs = 60_000;
