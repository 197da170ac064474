/**
 * The objects of an installation in a cluster, as values. `manifests/install` is written from them.
 * @module
 */
export { certgenRules, controllerRules, namespaceRules } from "./access.ts";
export { jobAccount } from "./certgen.ts";
export { base, installation, type Parts, type Variant, variants } from "./files.ts";
export type { InstallObject, PolicyRule, Workload } from "./kube.ts";
export { accounts, folders, image, namespace } from "./names.ts";
export { type Mounts, permissionFlags } from "./permissions.ts";
