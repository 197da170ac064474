/**
 * A real control plane for a test (kube-apiserver with etcd, and kube-controller-manager where
 * asked for), and a fake API server that misbehaves on request.
 * @module
 */
export { type ClusterBinary, clusterBinary, kubernetesVersion } from "./binaries.ts";
export { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
export { type Credentials } from "./pki.ts";
export { type Manifest, manifest, readManifests } from "./manifests.ts";
export {
  FakeApiServer,
  type FakeObject,
  type FakeRequest,
  type Fault,
  startFakeApiServer,
} from "./fake_api_server.ts";
export { ManualClock } from "./manual_clock.ts";
