/** The Job that makes the certificates of xDS, anew with each version that is installed. */
import { version } from "../../controller/version.ts";
import type { Job } from "./kube.ts";
import { accounts, namespace } from "./names.ts";
import { contourContainer, named, ofPod, podSpec } from "./pod.ts";

export function certgenJob(): Job {
  const labels = { app: "contour-certgen" };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    // A Job cannot be changed, so each version brings one of its own.
    metadata: named(`contour-certgen-v${version.replaceAll(".", "-")}`, labels),
    spec: {
      ttlSecondsAfterFinished: 0,
      parallelism: 1,
      completions: 1,
      backoffLimit: 3,
      template: {
        metadata: { labels },
        spec: podSpec({
          serviceAccountName: accounts.certgen,
          talksToCluster: true,
          restartPolicy: "Never",
          containers: [contourContainer({
            name: "contour",
            args: [
              "certgen",
              "--kube",
              "--incluster",
              "--overwrite",
              "--secrets-format=compact",
              "--namespace=$(CONTOUR_NAMESPACE)",
            ],
            env: [ofPod("CONTOUR_NAMESPACE", "metadata.namespace")],
            cpu: "10m",
            memory: "128Mi",
          })],
        }),
      },
    },
  };
}

/** The ServiceAccount it runs as, and where. */
export const jobAccount = { namespace, name: accounts.certgen } as const;
