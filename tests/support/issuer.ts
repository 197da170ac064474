/** An issuer of tokens: its keys, its tokens, and a server that hands its keys out. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import type { IssuedCertificate } from "../../controller/certs/mod.ts";

/** A key pair of an issuer. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: "ES256" | "RS256" | "EdDSA";
  /** As it stands in a key set. */
  readonly jwk: Readonly<Record<string, unknown>>;
  /** The text of a token that says this. */
  readonly token: (claims: Claims) => string;
}

/** What a token says. Times are seconds since 1970. */
export type Claims = Readonly<Record<string, string | number | readonly string[]>>;

/** Makes a key pair. */
export function signingKey(kid: string, algorithm: SigningKey["algorithm"] = "ES256"): SigningKey {
  const { publicKey, privateKey } = pair(algorithm);
  return {
    kid,
    algorithm,
    jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: algorithm },
    token(claims) {
      const content = `${part({ alg: algorithm, kid, typ: "JWT" })}.${part(claims)}`;
      const signature = sign(
        algorithm === "EdDSA" ? null : "sha256",
        new TextEncoder().encode(content),
        {
          key: privateKey,
          dsaEncoding: "ieee-p1363",
        },
      );
      return `${content}.${signature.toString("base64url")}`;
    },
  };
}

/** A key set with these keys. */
export function keySet(...keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
}

/** A token that nobody signed. */
export function unsignedToken(claims: Claims): string {
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}

/** A token signed with the public key as if that were a shared secret. */
export function confusedToken({ kid, jwk }: SigningKey, claims: Claims): string {
  const content = `${part({ alg: "HS256", kid, typ: "JWT" })}.${part(claims)}`;
  const secret = String(jwk["x"] ?? jwk["n"]);
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/** A server of keys. */
export interface KeyServer extends AsyncDisposable {
  readonly port: number;
  /** The paths asked for so far. */
  readonly asked: readonly string[];
  /** The key set it hands out. */
  keys: string;
}

/** Starts a server of keys, over TLS with a certificate. */
export async function startKeyServer(
  keys: string,
  certificate?: IssuedCertificate,
): Promise<KeyServer> {
  const asked: string[] = [];
  const state = { keys };
  const listener = (
    request: { readonly url?: string | undefined },
    response: { end(body: string): unknown },
  ) => {
    asked.push(request.url ?? "");
    response.end(state.keys);
  };
  const server = certificate === undefined
    ? createHttp(listener)
    : createHttps({ cert: certificate.certificate, key: certificate.privateKey }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    get keys() {
      return state.keys;
    },
    set keys(keys) {
      state.keys = keys;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function pair(algorithm: SigningKey["algorithm"]): {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
} {
  switch (algorithm) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2_048 });
    case "EdDSA":
      return generateKeyPairSync("ed25519");
  }
}

function part(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
