import type { ServedHost } from "./host_context.ts";
import { hostAuthorization } from "./host_authorization.ts";
import type { VirtualHostDraft } from "./output.ts";
import type { HostSettings } from "./settings.ts";

/** What the root of a host says beside its routes. */
export function virtualHost(context: ServedHost): VirtualHostDraft {
  const { host, passthrough } = context;
  const authorization = hostAuthorization(context);
  const cors = hostSetting(context, "cors");
  const tls = passthrough ? { passthrough: true } : tlsFields(context);
  return {
    fqdn: host,
    ...(tls === undefined ? {} : { tls }),
    ...(authorization === undefined ? {} : { authorization: asRootNames(context, authorization) }),
    ...(cors === undefined ? {} : { corsPolicy: cors }),
  };
}

/** The ExtensionService is named from the namespace of the root. */
function asRootNames(
  { primaries, root: { ingress } }: ServedHost,
  authorization: NonNullable<HostSettings["authorization"]>,
): NonNullable<HostSettings["authorization"]> {
  const owner = primaries.find(({ settings }) => settings.host.authorization === authorization);
  const { extensionRef } = authorization;
  const namespace = extensionRef?.namespace ?? owner?.ingress.namespace;
  if (namespace === undefined || namespace === ingress.namespace) return authorization;
  return { ...authorization, extensionRef: { ...extensionRef, namespace } };
}

function tlsFields(context: ServedHost): VirtualHostDraft["tls"] {
  const { workshop, tls, root: { ingress } } = context;
  if (tls === undefined) return undefined;
  const minimum = hostSetting(context, "minimumProtocolVersion");
  const maximum = hostSetting(context, "maximumProtocolVersion");
  const validation = hostSetting(context, "clientValidation");
  const local = (secret: string) => {
    const [namespace = "", name = ""] = secret.split("/");
    const asked = { file: ingress.file, source: ingress.id };
    return workshop.secret(name, namespace, ingress.namespace, asked);
  };
  return {
    secretName: tls.secretName,
    ...(minimum === undefined ? {} : { minimumProtocolVersion: minimum }),
    ...(maximum === undefined ? {} : { maximumProtocolVersion: maximum }),
    ...(validation === undefined ? {} : {
      clientValidation: {
        ...validation,
        ...(validation.caSecret === undefined ? {} : { caSecret: local(validation.caSecret) }),
        ...(validation.crlSecret === undefined ? {} : { crlSecret: local(validation.crlSecret) }),
      },
    }),
  };
}

/** What the oldest Ingress that says something says; others that differ are told. */
function hostSetting<Name extends "cors" | "clientValidation" | TlsVersionName>(
  { workshop, host, primaries }: ServedHost,
  name: Name,
): HostSettings[Name] | undefined {
  const first = primaries.find(({ settings }) => settings.host[name] !== undefined);
  if (first === undefined) return undefined;
  const value = first.settings.host[name];
  const others = primaries.filter(({ settings }) =>
    JSON.stringify(settings.host[name]) !== JSON.stringify(value)
  );
  for (const { ingress } of others) {
    workshop.notes.add(ingress.note, "", {
      verdict: "approximated",
      subject: `${name} of ${host}`,
      message: `the whole host gets what ${first.ingress.id} says, these paths too`,
      place: { within: "spec", host },
    });
  }
  return value;
}

/** What is different about TLS in itself. */
export function noteTls({ workshop, host, primaries, tls }: ServedHost): void {
  for (const { ingress, settings } of primaries) {
    const note = (verdict: "approximated" | "lost", subject: string, message: string) =>
      workshop.notes.add(ingress.note, "", {
        verdict,
        subject,
        message,
        place: { within: "nowhere", host },
      });
    if (tls === undefined && settings.host.clientValidation !== undefined) {
      note(
        "lost",
        `certificates of clients of ${host}`,
        "the host has no TLS, so that nobody is asked for one",
      );
    }
    const redirects = tls !== undefined && settings.plain === "redirect";
    if (redirects && settings.dialect === "ingress-nginx") {
      note(
        "approximated",
        `http://${host}`,
        "the redirect to https is a 301, in nginx a 308: clients may turn POST into GET",
      );
    }
  }
}

type TlsVersionName = "minimumProtocolVersion" | "maximumProtocolVersion";
