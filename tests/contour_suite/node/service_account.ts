/** The credentials that Pods get for the API server. */
import { join } from "node:path";
import type { Api } from "../api.ts";
import type { Pod } from "./pod.ts";

/** Where containers find them. */
export const accountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Writes them into a folder and returns it; undefined for a Pod that gets none. */
export async function writeServiceAccount(
  api: Api,
  authority: string,
  { metadata: { namespace }, spec }: Pod,
  folder: string,
): Promise<string | undefined> {
  const { serviceAccountName, automountServiceAccountToken = true } = spec;
  if (serviceAccountName === undefined || !automountServiceAccountToken) return undefined;
  const { status } = await api.request(
    "POST",
    `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccountName}/token`,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 7_200 },
    },
  ) as { readonly status: { readonly token: string } };
  await Deno.mkdir(folder, { recursive: true });
  const files = { "token": status.token, namespace, "ca.crt": authority };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  return folder;
}
