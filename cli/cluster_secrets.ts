import type { SecretManifest, SecretsApi } from "../controller/certs/mod.ts";
import { ApiError } from "../controller/kube/mod.ts";
import type { ClusterFlags } from "../controller/serve_options.ts";
import { connect } from "./cluster.ts";

/**
 * Secrets of the cluster that the flags name, for `contour certgen --kube`. Rejects when it is not
 * said how to reach the cluster; its methods reject with what the API server answers.
 */
export async function clusterSecrets(flags: ClusterFlags): Promise<SecretsApi & Disposable> {
  const client = await connect(flags);
  // One that does not answer is told by the client itself, a request at a time.
  const { signal } = new AbortController();
  return {
    async create(secret) {
      try {
        await client.request({ method: "POST", path: listPath(secret), body: secret }, signal);
        return true;
      } catch (error) {
        const isThere = error instanceof ApiError && error.reason === "AlreadyExists";
        if (isThere) return false;
        throw error;
      }
    },
    async update(secret) {
      // Without a resourceVersion it replaces whatever is there, and nobody has to be let read it.
      const path = `${listPath(secret)}/${secret.metadata.name}`;
      await client.request({ method: "PUT", path, body: secret }, signal);
    },
    [Symbol.dispose]() {
      client[Symbol.dispose]();
    },
  };
}

function listPath({ metadata }: SecretManifest): string {
  return `/api/v1/namespaces/${metadata.namespace}/secrets`;
}
