/** What values of the configuration file and of ContourConfiguration are made of. */
import { z } from "zod";
import { durationOrZeroWanted, parseDuration, parseTimeout } from "../api/mod.ts";

/** An unsigned integer of 32 bits; 0 is the same as nothing. */
export function count() {
  return z.int().min(0).max(2 ** 32 - 1);
}

/** An unsigned integer of 32 bits that says something. */
export function positive() {
  return count().min(1);
}

/** A TCP port; 0 is the same as nothing. */
export function port() {
  return z.int().min(0).max(65_535);
}

/** `30s`, `infinity`, or nothing. */
export function timeout() {
  return z.string({ error: durationOrZeroWanted }).refine((text) => parseTimeout(text).ok, {
    error: "must be a duration such as 30s or 1m30s, or infinity",
  });
}

/** `30s`, or nothing. */
export function duration() {
  return z.string({ error: durationOrZeroWanted }).refine(
    (text) => text === "" || parseDuration(text).ok,
    {
      error: "must be a duration such as 500ms, 30s or 1m30s",
    },
  );
}

/** One of some words; empty text is the same as nothing. For files. */
export function choice<const Word extends string>(words: readonly Word[]) {
  return z.preprocess(textOf, z.enum(words).optional()).optional();
}

/** Text, where YAML may have made a number or a truth of it: `1.2` without quotes. For files. */
export function anyText() {
  return z.preprocess((value) => textOf(value) ?? "", z.string());
}

function textOf(value: unknown): unknown {
  if (value === "") return undefined;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

/** A share in percent, written as text, which is how Contour has it. */
export function percentage() {
  return z.string().refine((text) => text.trim() === "" || isPercentage(Number(text)), {
    error: 'must be a number from 0 to 100 in quotes, such as "12.5"',
  });
}

function isPercentage(share: number): boolean {
  return share >= 0 && share <= 100;
}

/** A map from text to text. */
export function texts() {
  return z.record(z.string(), z.string());
}

/** An object of the cluster by both its names, or by none. */
export function objectReference() {
  return z.object({
    namespace: z.string().optional().describe("Its namespace."),
    name: z.string().optional().describe("Its name."),
  }).refine(({ namespace, name }) => !namespace === !name, {
    error: "must have namespace and name, or neither",
  });
}

/** TLS versions, the lowest first. */
export const tlsVersions = ["1.2", "1.3"] as const;

/** A version of TLS. */
export type TlsVersion = (typeof tlsVersions)[number];

/** Every cipher that may be configured; they matter up to TLS 1.2. */
const ciphers: readonly string[] = [
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-RSA-AES128-SHA",
  "AES128-GCM-SHA256",
  "AES128-SHA",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-RSA-AES256-SHA",
  "AES256-GCM-SHA384",
  "AES256-SHA",
];

/** A cipher, or a group of equal preference: `[A|B]`. */
export function cipherSuite() {
  return z.string().refine((text) => {
    const group = /^\[(.+)\]$/.exec(text)?.[1];
    return (group?.split("|") ?? [text]).every((name) => ciphers.includes(name));
  }, { error: `must be a cipher, or several as [A|B], out of ${ciphers.join(", ")}` });
}

/** A curve for key agreement. */
export function curve() {
  return z.enum(["X25519", "P-256", "P-384", "P-521", "X25519MLKEM768", "MLKEM1024"]);
}

/** The name of a header. */
export function headerName() {
  return z.string().regex(headerNames, { error: `must be ${headerWords}` });
}

/** Headers with their values. */
export function headerValues<Value extends z.ZodType<string>>(value: Value) {
  return z.record(z.string(), value).superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      if (headerNames.test(name)) continue;
      context.addIssue({ code: "custom", path: [name], message: `must be ${headerWords}` });
    }
  });
}

const headerNames = /^[-A-Za-z0-9]+$/;
const headerWords = "a header name of letters, digits and dashes";
