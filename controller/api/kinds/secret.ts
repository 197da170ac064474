import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";
import { stringMap } from "./values.ts";

/** Bytes as base64. The message says nothing of the value: it is a secret. */
const bytes = z.string().refine((text) => isBase64(text), { error: "must be base64" });

/**
 * Secret bytes under names. What a manifest says in `stringData` stands in `data`.
 * See https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
 */
export const Secret = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: Metadata,
  type: z.string().default("Opaque"),
  /** Values in base64. */
  data: z.record(z.string(), bytes).optional(),
  stringData: stringMap().optional(),
  immutable: z.boolean().optional(),
}).overwrite(mergeStringData);
/** See {@link Secret}. */
export type Secret = Immutable<z.infer<typeof Secret>>;

/** As the API server does it: `stringData` wins over `data`, and is not kept itself. */
function mergeStringData<
  Value extends {
    data?: Record<string, string> | undefined;
    stringData?: Record<string, string> | undefined;
  },
>(secret: Value): Value {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const data = { ...secret.data };
  for (const [name, text] of Object.entries(stringData)) data[name] = encodeBase64(text);
  return { ...rest, data } as Value;
}

function encodeBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Go's decoder, which the API server uses, skips line breaks and wants the padding. */
function isBase64(text: string): boolean {
  const compact = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, "") : text;
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
}
