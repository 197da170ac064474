/** Who may ask what of the API server: as little as `contour` can do its work with. */
import type { InstallObject, PolicyRule, Role, RoleBinding, ServiceAccount } from "./kube.ts";
import { accounts, apps, leaseName, namespace, secrets } from "./names.ts";

/** ServiceAccounts, roles and bindings. */
export function access(): readonly InstallObject[] {
  return [
    serviceAccount(accounts.contour),
    serviceAccount(accounts.envoy),
    serviceAccount(accounts.certgen),
    role("ClusterRole", "contour", controllerRules),
    binding("ClusterRoleBinding", "contour", "contour", accounts.contour),
    role("Role", "contour", namespaceRules),
    binding("RoleBinding", "contour-rolebinding", "contour", accounts.contour),
    role("Role", "contour-certgen", certgenRules),
    binding("RoleBinding", "contour-certgen", "contour-certgen", accounts.certgen),
  ];
}

/**
 * The controller, wherever the objects are. With `--watch-namespaces` a RoleBinding to this role in
 * each of these namespaces is enough.
 */
export const controllerRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["secrets", "services"], verbs: ["list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  {
    apiGroups: ["projectcontour.io"],
    resources: ["tlscertificatedelegations"],
    verbs: ["list", "watch"],
  },
  // Those with a status of ours are read one by one when somebody else has changed them meanwhile.
  {
    apiGroups: ["projectcontour.io"],
    resources: ["extensionservices", "httpproxies"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["networking.k8s.io"],
    resources: ["ingresses"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["projectcontour.io"],
    resources: ["extensionservices/status", "httpproxies/status"],
    verbs: ["update"],
  },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
  // What is wrong with objects that have no status to say it in.
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create"] },
];

/** The controller, in its own namespace. */
export const namespaceRules: readonly PolicyRule[] = [
  // A right to create cannot be confined to a name.
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [leaseName],
    verbs: ["get", "update"],
  },
  // Who leads is told as Kubernetes' own Go client tells it.
  { apiGroups: [""], resources: ["events"], verbs: ["create"] },
  // For `--contour-config-name`.
  { apiGroups: ["projectcontour.io"], resources: ["contourconfigurations"], verbs: ["get"] },
];

/** The Job that makes the certificates; it cannot read any. */
export const certgenRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
  {
    apiGroups: [""],
    resources: ["secrets"],
    resourceNames: [secrets.contour, secrets.envoy, "cacert"],
    verbs: ["update"],
  },
];

function serviceAccount(name: string): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels: apps.contour },
    // Whoever needs the token says so in the Pod.
    automountServiceAccountToken: false,
  };
}

function role(kind: Role["kind"], name: string, rules: readonly PolicyRule[]): Role {
  const place = kind === "Role" ? { namespace } : {};
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name, ...place, labels: apps.contour },
    rules,
  };
}

function binding(
  kind: RoleBinding["kind"],
  name: string,
  roleName: string,
  account: string,
): RoleBinding {
  const isLocal = kind === "RoleBinding";
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name, ...(isLocal ? { namespace } : {}), labels: apps.contour },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: isLocal ? "Role" : "ClusterRole",
      name: roleName,
    },
    subjects: [{ kind: "ServiceAccount", name: account, namespace }],
  };
}
