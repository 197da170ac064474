/** Has the binaries at hand that tests against a real API server need: see `clusterBinary`. */
import { clusterBinary } from "./binaries.ts";

for (const name of ["etcd", "kube-apiserver"] as const) await clusterBinary(name);
