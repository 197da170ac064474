import type { ServedHost } from "./host_context.ts";
import type { HostSettings, IngressSettings } from "./settings.ts";

/** Who is asked about requests to the host; only over TLS is anybody. */
export function hostAuthorization(
  { primaries, tls }: ServedHost,
): HostSettings["authorization"] {
  if (tls === undefined) return undefined;
  return primaries.find(({ settings }) => settings.host.authorization !== undefined)
    ?.settings.host.authorization;
}

/** Whether an Ingress wants its requests authorized, and they cannot be: its paths are closed. */
export function isLocked(
  context: ServedHost,
  { host: { authorization } }: Pick<IngressSettings, "host">,
): boolean {
  if (authorization === undefined || context.workshop.options.openUnprotected === true) {
    return false;
  }
  return JSON.stringify(authorization) !== JSON.stringify(hostAuthorization(context));
}

/** Notes whose authorization is lost. */
export function noteLocked(context: ServedHost): void {
  const { workshop, host, primaries, tls } = context;
  for (const { ingress, settings } of primaries) {
    const isClosed = isLocked(context, settings);
    const isOpen = settings.host.authorization !== undefined && !isClosed &&
      hostAuthorization(context) === undefined;
    if (!isClosed && !isOpen) continue;
    workshop.notes.add(ingress.note, "", {
      verdict: "lost",
      subject: `authorization of ${host}`,
      message: (tls === undefined
        ? "an HTTPProxy authorizes requests over TLS alone, and the host has none"
        : "the host has one authorization server, and another Ingress names it") +
        (isClosed ? ": these paths answer 403" : ": these paths are open"),
      place: { within: "routes", host },
    });
  }
}
