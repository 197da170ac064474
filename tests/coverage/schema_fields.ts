import { z } from "zod";
import {
  ExtensionService,
  HTTPProxy,
  Ingress,
  TLSCertificateDelegation,
} from "../../controller/api/mod.ts";

/** The kinds whose every field has to be shown, as users write them. */
export const coveredKinds = {
  HTTPProxy,
  TLSCertificateDelegation,
  ExtensionService,
  Ingress,
} as const;

/** See {@link coveredKinds}. */
export type CoveredKind = keyof typeof coveredKinds;

/**
 * The fields of a kind that hold no others, in the order of the schema:
 * `spec.routes[].services[].weight`. `metadata` and `status` stand for all they hold: the one is
 * the API server's, the other is ours to write.
 */
export function schemaFields(kind: CoveredKind): readonly string[] {
  const schema = z.toJSONSchema(coveredKinds[kind], { unrepresentable: "any", io: "input" });
  const { spec, status } = (schema as Node).properties ?? {};
  return [
    ...(spec === undefined ? [] : leaves(spec, "spec")),
    ...(status === undefined ? [] : ["status"]),
  ];
}

/** As much of a JSON schema as matters here. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

function leaves({ properties = {}, items }: Node, path: string): string[] {
  if (items !== undefined) return leaves(items, `${path}[]`);
  const fields = Object.entries(properties);
  if (fields.length === 0) return [path.replace(/\[\]$/, "")];
  return fields.flatMap(([name, node]) => leaves(node, `${path}.${name}`));
}
