import { createPublicKey } from "node:crypto";

/**
 * The keys of a JSON Web Key Set that Envoy can use, as a set of their own, or why there is none.
 * Only what makes a public or shared key is kept: nothing else of the text could do more than make
 * Envoy refuse it, which would stop the changes of everybody.
 * See https://www.rfc-editor.org/rfc/rfc7517
 */
export function usableKeys(text: string): KeySetResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail("it is no JSON");
  }
  if (!isRecord(value)) return fail("it is no JSON object");
  const { keys } = value;
  if (!Array.isArray(keys)) return fail(`it has no array "keys"`);
  if (keys.length === 0) return fail(`its array "keys" is empty`);
  const read = keys.map(readKey);
  const usable = read.filter((key) => typeof key !== "string");
  if (usable.length > 0) return { ok: true, text: JSON.stringify({ keys: usable }) };
  // Values are not repeated: the text is that of a Secret.
  const problems = new Set(read.filter((key) => typeof key === "string"));
  return fail(`it holds no key that Envoy can use: ${[...problems].join("; ")}`);
}

/** A key set, or why there is none. */
export type KeySetResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/** A key reduced to the fields that count. */
type Key = { readonly [field in (typeof fields)[number]]?: string | undefined };

const fields = ["kty", "kid", "alg", "use", "crv", "n", "e", "x", "y", "k"] as const;

/** The key, or why Envoy could not use it. */
function readKey(value: unknown): Key | string {
  if (!isRecord(value)) return "a key is no object";
  const key: Key = Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      typeof part === "string" && isField(name) ? [[name, plain(name, part)]] : []
    ),
  );
  if (key.kty === undefined) return "a key has no kty";
  return problem(key) ?? key;
}

/** In the one form that Envoy is sure to take. */
function plain(field: keyof Key, text: string): string | undefined {
  return isEncoded(field) ? canonicalBase64(text) : text.toWellFormed();
}

/** Without padding; `undefined` when it is no base64url. */
function canonicalBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text.replace(/=+$/, ""), { alphabet: "base64url" });
    return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  } catch {
    return undefined;
  }
}

function problem(key: Key): string | undefined {
  const { alg = "" } = key;
  switch (key.kty) {
    case "RSA":
      if (alg !== "" && !/^(RS|PS)/.test(alg)) return wrongAlgorithm;
      return isRsaKey(key) ? undefined : "a key of type RSA cannot be read";
    case "EC": {
      const curve = key.crv ?? Object.keys(curves).find((name) => curves[name] === alg) ?? "P-256";
      if (!Object.hasOwn(curves, curve)) return "crv of a key is unknown";
      if (alg !== "" && alg !== curves[curve]) return wrongAlgorithm;
      const { x, y } = key;
      return publicKey({ kty: "EC", crv: curve, x, y }) === undefined
        ? "a key of type EC cannot be read"
        : undefined;
    }
    case "OKP":
      if (alg !== "" && alg !== "EdDSA") return wrongAlgorithm;
      if (key.crv !== "Ed25519") return "crv of a key is unknown";
      return publicKey({ kty: "OKP", crv: "Ed25519", x: key.x }) === undefined
        ? "a key of type OKP cannot be read"
        : undefined;
    case "oct":
      if (alg !== "" && !/^HS/.test(alg)) return wrongAlgorithm;
      return key.k ? undefined : "k of a key is no base64url";
    default:
      return "kty of a key is unknown";
  }
}

const wrongAlgorithm = "alg of a key does not go with its kty";

/** Each with the one algorithm that goes with it. */
const curves: Readonly<Record<string, string>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
};

/** Sizes are those that BoringSSL takes. */
function isRsaKey({ n, e }: Key): boolean {
  const { modulusLength = 0, publicExponent = 0n } =
    publicKey({ kty: "RSA", n, e })?.asymmetricKeyDetails ?? {};
  return modulusLength >= 512 && modulusLength <= 16_384 && publicExponent >= 3n &&
    publicExponent % 2n === 1n && publicExponent < 2n ** 33n;
}

/** `undefined` when the parts make none. */
function publicKey(parts: Readonly<Record<string, string | undefined>>) {
  try {
    return createPublicKey({ key: { ...parts }, format: "jwk" });
  } catch {
    return undefined;
  }
}

function isEncoded(field: keyof Key): boolean {
  return ["n", "e", "x", "y", "k"].includes(field);
}

function isField(name: string): name is (typeof fields)[number] {
  return fields.some((field) => field === name);
}

function fail(message: string): KeySetResult {
  return { ok: false, message };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
