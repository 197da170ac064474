import { backendText } from "./backend.ts";
import { planHost, type PlannedHost } from "./host.ts";
import { covers } from "./host_tls.ts";
import type { SourceIngress } from "./sources.ts";
import type { IngressSettings } from "./settings.ts";
import type { Workshop } from "./workshop.ts";

/** An Ingress and what its annotations ask for. */
export interface ReadIngress {
  readonly ingress: SourceIngress;
  readonly settings: IngressSettings;
}

/** Makes the HTTPProxies of all hosts of these Ingresses, the oldest Ingress first. */
export function convertHosts(workshop: Workshop, read: readonly ReadIngress[]): PlannedHost[] {
  const byHost = new Map<string, ReadIngress[]>();
  for (const each of read) {
    noteHostless(workshop, each);
    noteIdleTls(workshop, each);
    for (const host of hostsOf(each.ingress, workshop.options.hosts ?? [])) {
      const members = byHost.get(host) ?? [];
      members.push(each);
      byHost.set(host, members);
    }
  }
  const hosts = new Set(byHost.keys());
  return [...byHost.keys()].sort().map((host) =>
    planHost(workshop, host, byHost.get(host) ?? [], hosts)
  );
}

/** The hosts an Ingress has rules for; those without a host are for the hosts that were given. */
export function hostsOf({ body }: SourceIngress, given: readonly string[]): readonly string[] {
  const hosts = body.rules.flatMap(({ host }) => host === "" || host === "*" ? given : [host]);
  if (body.defaultBackend !== undefined && body.rules.length === 0) hosts.push(...given);
  return [...new Set(hosts)];
}

/** Entries of `spec.tls` for what the Ingress has no rules for. */
function noteIdleTls(
  { notes, options: { hosts: given = [] } }: Workshop,
  { ingress, settings }: ReadIngress,
): void {
  const hosts = hostsOf(ingress, given);
  for (const { hosts: listed, secretName = "no Secret", path } of ingress.body.tls) {
    const note = (subject: string, message: string) =>
      notes.add(ingress.note, path, {
        verdict: "kept",
        subject,
        message,
        place: { within: "nowhere" },
      });
    const isUsed = (name: string) =>
      hosts.includes(name) ||
      settings.dialect === "ingress-nginx" && hosts.some((host) => covers(name, host));
    for (const host of listed.filter((name) => !isUsed(name))) {
      note(
        `TLS of ${host} with ${secretName}`,
        "the Ingress has no rule for it: no effect of its own",
      );
    }
    if (listed.length === 0 && (settings.dialect !== "ingress-nginx" || hosts.length === 0)) {
      note(`TLS with ${secretName}`, "an entry without hosts has no effect");
    }
  }
}

function noteHostless(
  { notes, options: { hosts = [] } }: Workshop,
  { ingress: { body, note } }: ReadIngress,
): void {
  for (const { host, path, paths } of body.rules) {
    if (host !== "" && host !== "*") continue;
    const routes = paths.map(({ path, pathType, backend }) =>
      `${pathType} "${path}" to ${backendText(backend)}`
    );
    notes.add(note, path, {
      verdict: hosts.length === 0 ? "lost" : "approximated",
      subject: `${path}: a rule for all hosts: ${routes.join(", ")}`,
      message: hosts.length === 0
        ? "an HTTPProxy is for one host name: name the hosts with --host, or keep the Ingress"
        : `only for ${hosts.join(", ")}; other host names get 404`,
      place: { within: "nowhere" },
    });
  }
}
