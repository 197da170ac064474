/** Kinds, their schemas and types, diagnostics, and the reading of manifests. */
export * from "./codes.ts";
export type { CodeRow } from "./codes/row.ts";
export * from "./diagnostic.ts";
export * from "./duration.ts";
export * from "./fqdn.ts";
export { apiVersionOf } from "./identify.ts";
export * from "./kinds/mod.ts";
export * from "./kube_object.ts";
export * from "./manifest.ts";
export { nearest } from "./nearest.ts";
export * from "./object_key.ts";
export * from "./parse_object.ts";
export * from "./path.ts";
export * from "./policy_object.ts";
export type { Problem } from "./problem.ts";
export * from "./read_document.ts";
export * from "./read_raw.ts";
export * from "./secret_reference.ts";
