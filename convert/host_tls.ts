import type { ReadIngress } from "./hosts.ts";
import { isSecretReference } from "./valid_values.ts";
import type { Workshop } from "./workshop.ts";

/** The certificate of a host. */
export interface HostTls {
  /** As the root refers to it. */
  readonly secretName: string;
}

/**
 * The certificate that the Ingresses of a host give it: of the oldest that lists it. To ingress-nginx
 * an entry without hosts, or without a Secret, makes the host one with TLS, too.
 */
export function hostTls(
  workshop: Workshop,
  host: string,
  members: readonly ReadIngress[],
  rootNamespace: string,
): HostTls | undefined {
  const { notes, options } = workshop;
  let found: HostTls | undefined;
  for (const { ingress, settings } of members) {
    for (const { hosts, secretName, path } of ingress.body.tls) {
      const isListed = hosts.includes(host);
      const isMeant = settings.dialect === "ingress-nginx" &&
        (hosts.length === 0 || hosts.some((name) => covers(name, host)));
      if (!isListed && !isMeant) continue;
      const say = (verdict: "kept" | "approximated" | "lost", message: string) =>
        notes.add(ingress.note, path, {
          verdict,
          subject: `TLS of ${host}${secretName === undefined ? "" : ` with Secret ${secretName}`}`,
          message,
          place: { within: "virtualhost", field: "tls", host },
        });
      if (found !== undefined) {
        say("kept", "an older entry for the host wins");
        continue;
      }
      const asked = { file: ingress.file, source: ingress.id };
      const [from = "", name = ""] = secretName === undefined
        ? options.defaultCertificate?.split("/") ?? []
        : secretName.includes("/")
        ? secretName.split("/")
        : [settings.certificateNamespace, secretName];
      if (name === "") {
        if (settings.dialect === "ingress-nginx") {
          say(
            "lost",
            "nginx uses its default certificate: name the Secret with --default-certificate, until then " +
              "the host has no TLS",
          );
        } else say("kept", "an entry without a Secret has no effect");
        continue;
      }
      if (!isSecretReference(`${from}/${name}`)) {
        say(
          "lost",
          `no Secret can be named "${from}/${name}": until it is mended the host has no TLS`,
        );
        continue;
      }
      const messages = [
        ...secretName === undefined
          ? [`with Secret ${from}/${name}, as --default-certificate says`]
          : [],
        ...isListed ? [] : [
          "the entry does not name the host: nginx looks whether the certificate does, check that it does",
        ],
      ];
      const crosses = from === rootNamespace ? [] : [`delegated to namespace ${rootNamespace}`];
      say(messages.length === 0 ? "kept" : "approximated", [...messages, ...crosses].join("; "));
      found = { secretName: workshop.secret(name, from, rootNamespace, asked) };
    }
  }
  return found;
}

/** Notes the entries of a host whose bytes are handed on as they come. */
export function notePassedThrough(
  { notes }: Workshop,
  host: string,
  members: readonly ReadIngress[],
): void {
  for (const { ingress } of members) {
    for (const { hosts, secretName = "none", path } of ingress.body.tls) {
      if (!hosts.includes(host)) continue;
      notes.add(ingress.note, path, {
        verdict: "kept",
        subject: `TLS of ${host} with Secret ${secretName}`,
        message: "the backend ends TLS, so that no Secret is needed",
        place: { within: "virtualhost", field: "tls", host },
      });
    }
  }
}

/** Whether a wildcard is for a host. */
export function covers(wildcard: string, host: string): boolean {
  return wildcard.startsWith("*.") && host.replace(/^[^.]+/, "*") === wildcard;
}
