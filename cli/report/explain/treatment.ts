import { goDurationText, keyId, type Timeout } from "../../../controller/api/mod.ts";
import type { Treatment } from "../../../explain/mod.ts";

/** A line of what is done to a request: what it is about, and the parts. */
export interface TreatmentRow {
  readonly label: string;
  readonly parts: readonly string[];
}

/** What is done to a request, without what is left at its default; the timeout is always there. */
export function treatmentRows(
  { checks, limits, cors, forwarding }: Treatment,
): readonly TreatmentRow[] {
  const rows: readonly TreatmentRow[] = [
    { label: "checks", parts: checkTexts(checks) },
    { label: "limit", parts: limitTexts(limits) },
    { label: "cors", parts: cors === undefined ? [] : [corsText(cors)] },
    ...(forwarding === undefined ? [] : forwardingRows(forwarding)),
  ];
  return rows.filter(({ parts }) => parts.length > 0);
}

function checkTexts(
  { ipFilter, authorization, jwt, clientCertificate }: Treatment["checks"],
): readonly string[] {
  const context = Object.entries(authorization?.context ?? {})
    .map(([name, value]) => `${name}=${value}`).join(", ");
  const ranges = ipFilter?.ranges.map(({ source, address, prefixLength }) =>
    `${address}/${prefixLength} (${source})`
  );
  return [
    ...(ipFilter === undefined
      ? []
      : [`${ipFilter.action === "allow" ? "only from" : "not from"} ${ranges?.join(", ")}`]),
    ...(clientCertificate === undefined ? [] : [`client certificate ${clientCertificate}`]),
    ...(authorization === undefined ? [] : [
      `asks ${keyId(authorization.server)}${context === "" ? "" : ` with ${context}`}`,
    ]),
    ...(jwt === undefined ? [] : [
      `token of ${jwt.provider}${jwt.issuer === "" ? "" : ` (issuer ${jwt.issuer})`}`,
    ]),
  ];
}

function limitTexts({ local, descriptors }: Treatment["limits"]): readonly string[] {
  const burst = local === undefined || local.burst === 0 ? "" : `, burst ${local.burst}`;
  return [
    ...(local === undefined ? [] : [
      `${local.requests} in ${goDurationText(local.intervalMs)} in each Envoy${burst}`,
    ]),
    ...descriptors.map((entries) =>
      `tells the rate limit service ${entries.map(entryText).join(", ")}`
    ),
  ];
}

function entryText(entry: Treatment["limits"]["descriptors"][number][number]): string {
  switch (entry.kind) {
    case "generic-key":
      return `${entry.key ?? "generic_key"}=${entry.value}`;
    case "remote-address":
      return "the client's address";
    case "request-header":
      return `${entry.key}=header ${entry.header}`;
    case "header-match":
      return `header_match=${entry.value} where headers match`;
  }
}

function corsText({ origins, methods }: NonNullable<Treatment["cors"]>): string {
  const allowed = origins.map((origin) => origin.kind === "any" ? "*" : origin.text).join(", ");
  return `origins ${allowed}; methods ${methods.join(", ")}`;
}

function forwardingRows(forwarding: NonNullable<Treatment["forwarding"]>): TreatmentRow[] {
  const { path, host, retry, idleTimeout, websockets, internalRedirect } = forwarding;
  const perTry = retry?.perTryTimeoutMs;
  const retries = retry === undefined ? [] : [
    `retries ${retry.retries} on ${[...retry.retryOn, ...retry.statusCodes].join(", ")}` +
    (perTry === undefined ? "" : `, each ${goDurationText(perTry)}`),
  ];
  return [
    {
      label: "rewrite",
      parts: [
        ...(path === undefined ? [] : [`${path.from} -> ${path.to}`]),
        ...(host === undefined
          ? []
          : [host.kind === "literal" ? `host ${host.host}` : `host of header ${host.name}`]),
      ],
    },
    {
      label: "timeout",
      parts: [
        timeoutText(forwarding.timeout, "15s"),
        ...(idleTimeout.kind === "default" ? [] : [`idle ${timeoutText(idleTimeout, "")}`]),
        ...retries,
      ],
    },
    { label: "request", parts: headerTexts(forwarding.requestHeaders) },
    { label: "response", parts: headerTexts(forwarding.responseHeaders) },
    { label: "affinity", parts: forwarding.hashPolicies.map(hashText) },
    {
      label: "also",
      parts: [
        ...(websockets ? ["websockets"] : []),
        ...(internalRedirect === undefined ? [] : ["follows redirects of the upstream itself"]),
      ],
    },
  ];
}

function timeoutText(timeout: Timeout, standard: string): string {
  switch (timeout.kind) {
    case "default":
      return standard;
    case "disabled":
      return "none";
    case "explicit":
      return goDurationText(timeout.ms);
  }
}

function headerTexts(
  { set, remove }: NonNullable<Treatment["forwarding"]>["requestHeaders"],
): readonly string[] {
  return [
    ...set.map(({ name, value }) => `set ${name}: ${value}`),
    ...remove.map((name) => `remove ${name}`),
  ];
}

function hashText(policy: NonNullable<Treatment["forwarding"]>["hashPolicies"][number]): string {
  return policy.kind === "source-ip"
    ? "by the client's address"
    : `by ${policy.kind} ${policy.name}`;
}
