import { join } from "node:path";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import type { Backend } from "./backends.ts";
import { backendManifests, certificateManifest } from "./manifests.ts";

/**
 * Copies the quickstart into a folder and adds what exists on this machine only: where its backends
 * are, and a certificate. Returns the CA to trust, PEM.
 */
export async function prepareQuickstart(
  folder: string,
  backends: readonly Backend[],
): Promise<string> {
  const example = new URL("../../manifests/examples/quickstart/", import.meta.url);
  for await (const { name } of Deno.readDir(example)) {
    await Deno.copyFile(new URL(name, example), join(folder, name));
  }
  await Deno.writeTextFile(join(folder, "backends.yaml"), backendManifests(backends));

  const validity = validityAround(new Date(), 30);
  const algorithm = "ecdsa";
  const authority = await makeAuthority({ commonName: "Contour demo CA", validity, algorithm });
  const issued = await authority.issue({ dnsNames: ["pay.localhost"], validity, algorithm });
  await Deno.writeTextFile(join(folder, "certificate.yaml"), certificateManifest(issued));
  return authority.certificate;
}
