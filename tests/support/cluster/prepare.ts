/** Has the binaries at hand that tests against a real control plane need: see `clusterBinary`. */
import { clusterBinary } from "./binaries.ts";

for (const name of ["etcd", "kube-apiserver", "kube-controller-manager"] as const) {
  await clusterBinary(name);
}
