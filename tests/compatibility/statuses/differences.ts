import type { Manifest } from "../../support/cluster/mod.ts";
import type { Answer, Entry } from "./answer.ts";
import type { RecordedWorld } from "./recording.ts";

/**
 * A place where our statuses differ from Contour's on purpose; `docs/differences.md` has them for
 * users. It is about entries that only one of the two has.
 */
export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** Whose entry it is. */
  readonly side: "ours" | "theirs";
  /** What the entry says: `Type/Reason message`. */
  readonly says: RegExp;
  /** Whether it is about objects like this one; absent: about all. */
  readonly of?: (object: Seen) => boolean;
  /**
   * Whether who tells it looks no further, so that the other side goes on to say more, and reaches
   * objects that are orphans to the one.
   */
  readonly ends?: boolean;
}

/** An object in its world, with both answers. */
export interface Seen {
  readonly variant: string;
  readonly object: Manifest;
  readonly world: RecordedWorld;
  readonly theirs: Answer | null;
}

/** All of them. */
export const differences: readonly Difference[] = [
  {
    name: "authorization of what is handed through",
    reason: "Contour serves it to everyone unchecked",
    side: "ours",
    says:
      /^(AuthError\/AuthNotPermitted|JWTVerificationError\/JWTVerificationNotPermitted) .* cannot be carried out for connections of Spec\.TCPProxy$/,
    of: ({ object }) => specOf(object).tcpproxy !== undefined,
  },
  {
    name: "a provider of tokens that nobody asks for",
    reason: "Contour serves the route to everyone and says nothing where TLS is not ended for HTTP",
    side: "ours",
    says: /^JWTVerificationError\/JWTProviderNotDefined /,
    of: ({ object }) => {
      const { virtualhost, tcpproxy } = specOf(object);
      return virtualhost?.tls === undefined || virtualhost.tls.passthrough === true ||
        tcpproxy !== undefined;
    },
  },
  {
    name: "a Host among the headers of limited answers",
    reason: "Envoy refuses everybody's routes",
    side: "ours",
    says: /RateLimitPolicyNotValid .* is invalid: rewriting "Host" header is not supported$/,
    ends: true,
  },
  {
    name: "removing the Host header",
    reason: "Envoy refuses everybody's routes",
    side: "ours",
    says: /HeadersPolicyInvalid the "Host" header cannot be removed on request headers$/,
    ends: true,
  },
  {
    name: "removing the Host header of an answer",
    reason: "Envoy refuses everybody's routes",
    side: "ours",
    says:
      /(HeaderPolicy|HeadersPolicy)Invalid the "Host" header cannot be removed on response headers$/,
    ends: true,
  },
  {
    name: "a range of statuses with nothing in it",
    reason: "Envoy refuses the cluster",
    side: "ours",
    says:
      /^RouteError\/HealthCheckPolicyInvalid invalid expected status range: nothing is from \d+ to below \d+$/,
  },
  {
    name: "what else Envoy would refuse",
    reason: "Envoy refuses everybody's routes",
    side: "ours",
    says: /^RouteError\/EnvoyRule /,
  },
  {
    name: "what other roots found",
    reason: "Contour keeps what it came upon last, in no fixed order",
    side: "ours",
    says: /./,
    of: ({ object, world }) => rootsAbove(object, world) > 1,
  },
  {
    name: "a range of addresses that is none, told twice",
    reason: "Contour reads the list once for each listener",
    side: "theirs",
    says: /^IPFilterError\/InvalidCIDR /,
    of: ({ theirs }) => {
      const told = (theirs?.errors ?? []).map(text).filter((each) => /InvalidCIDR/.test(each));
      return new Set(told).size < told.length;
    },
  },
  {
    name: "the fallback certificate of a TCP proxy",
    reason: "nothing tells the host of a connection without SNI",
    side: "ours",
    says: /^TCPProxyError\/IgnoredField ignoring field enableFallbackCertificate: /,
    of: ({ object }) => specOf(object).tcpproxy !== undefined,
  },
  {
    name: "permitInsecure where requests are checked",
    reason: "Contour serves the route to everyone unchecked",
    side: "ours",
    says: /^SpecError\/IgnoredField ignoring field permitInsecure: /,
  },
  {
    name: "a bundle of authorities that are no certificates",
    reason: "Envoy refuses it, for every host with TLS",
    side: "ours",
    says: /: invalid CA certificate bundle: malformed certificate: /,
    ends: true,
  },
  {
    name: "revocation lists without an authority",
    reason: "Envoy refuses them, for every host with TLS",
    side: "ours",
    says: /^TLSError\/ClientValidationInvalid .*: CRL Secret needs a CA Secret beside it$/,
    ends: true,
  },
  {
    name: "names that are local to Envoy",
    reason: "an address leads there as well as a name",
    side: "ours",
    says:
      /^(Service|TCPProxy)Error\/ServiceUnresolvedReference .*\/loopback is an ExternalName service that points to localhost, this is not allowed$/,
  },
  {
    name: "the authorization server of all hosts is gone",
    reason: "we ask it all the same, and go on; told where a request needs it",
    side: "theirs",
    says: /^AuthError\/ExtensionServiceNotFound .* extension service "shared\/auth" not found$/,
    of: ({ variant }) => variant === "unauthorized",
    ends: true,
  },
  {
    name: "what is wrong with a host whose authorization server is gone",
    reason: "Contour looks no further at a host with TLS",
    side: "ours",
    says: /./,
    of: ({ variant, theirs }) => {
      const last = theirs?.errors?.at(-1);
      return variant === "unauthorized" && last !== undefined && /"shared\/auth"/.test(text(last));
    },
    ends: true,
  },
  {
    name: "a client certificate that cannot be shown",
    reason: "only Services that are spoken to over TLS need one",
    side: "theirs",
    says: /^TLSError\/SecretNotValid tls\.envoy-client-certificate Secret /,
    of: ({ variant }) => variant === "uncertified",
    ends: true,
  },
];

/** `Type/Reason message`. */
export function text([kind, message]: Entry): string {
  return `${kind} ${message}`;
}

interface Spec {
  readonly virtualhost?: { readonly tls?: { readonly passthrough?: boolean } };
  readonly tcpproxy?: Target;
  readonly includes?: readonly Named[];
}

interface Target {
  readonly include?: Named;
  readonly includes?: Named;
}

interface Named {
  readonly name: string;
  readonly namespace?: string;
}

function specOf(object: Manifest): Spec {
  return Object(object["spec"]);
}

/** From how many roots a chain of includes leads to an object. */
export function rootsAbove(object: Manifest, { objects }: RecordedWorld): number {
  const found = new Set<Manifest>([object]);
  for (const child of found) {
    for (const { of: parent } of objects) {
      if (parent.kind === "HTTPProxy" && includes(parent, child)) found.add(parent);
    }
  }
  return [...found].filter((each) => specOf(each).virtualhost !== undefined).length;
}

function includes(parent: Manifest, child: Manifest): boolean {
  const { includes = [], tcpproxy } = specOf(parent);
  return [...includes, tcpproxy?.include, tcpproxy?.includes].some((named) =>
    named !== undefined && named.name === child.metadata.name &&
    (named.namespace || parent.metadata.namespace) === child.metadata.namespace
  );
}
