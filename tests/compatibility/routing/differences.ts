/** Where our answers are to differ from those that were recorded, each as narrow as it can be told. */
import type { Answered, Asked } from "./ask.ts";
import { canonical } from "./canonical.ts";

/** An answer beside the one that was recorded. */
export interface Pair {
  readonly asked: Asked;
  readonly recorded: Answered;
  readonly ours: Answered;
}

/** A difference that is meant. */
export interface Difference {
  readonly name: string;
  /** See `docs/differences.md`. */
  readonly reason: string;
  /** Whether it is all that these two differ by. */
  readonly explains: (pair: Pair) => boolean;
}

/** In the order in which they are looked for. */
export const differences: readonly Difference[] = [
  {
    name: "misdirected",
    reason: "The body of a 421 is a mistake in Contour's script; the status is what counts.",
    explains: ({ recorded, ours }) =>
      ours.status === 421 && recorded.body === "misdirected request to %q" &&
      canonical(ours) === canonical({
          ...recorded,
          headers: { ...recorded.headers, "content-length": "20" },
          body: "misdirected request\n",
        }),
  },
  {
    name: "filtered",
    reason: "The address filter of a route holds for redirects and direct responses, too.",
    explains: ({ recorded, ours }) =>
      ours.status === 403 && ours.body === "RBAC: access denied" &&
      recorded.seen === undefined && recorded.status !== undefined && recorded.status !== 404,
  },
  {
    name: "variables",
    reason: "In a route's policy `CONTOUR_SERVICE_NAME` stays as written.",
    explains: ({ recorded, ours }) => {
      const parts = canonical(ours).split("%CONTOUR_SERVICE_NAME%:%CONTOUR_SERVICE_PORT%");
      const quoted = parts.map((part) => part.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&"));
      const pattern = new RegExp(`^${quoted.join("[a-z0-9-]+:\\d+")}$`);
      return parts.length > 1 && pattern.test(canonical(recorded));
    },
  },
  {
    name: "cookies",
    reason: "Attributes of rewritten cookies keep their order, and none is there twice.",
    explains: ({ recorded, ours }) =>
      ours.headers?.["set-cookie"] !== recorded.headers?.["set-cookie"] &&
      canonical(withSortedCookie(ours)) === canonical(withSortedCookie(recorded)),
  },
  {
    name: "no retry",
    reason: "A count of -1 means no retry: Contour leaves it out, and Envoy tries once more.",
    explains: ({ asked, recorded, ours }) =>
      asked.headers?.["x-backend-fail"] === "1" && recorded.status === 200 &&
        ours.status === 503 && ours.seen?.backend === recorded.seen?.backend ||
      canonical(ours) === canonical(withoutRetry(recorded)),
  },
  {
    name: "named ports",
    reason: "The port of an Ingress backend that is given by name is a number in headers.",
    explains: ({ recorded, ours }) => {
      const { "x-default": text = "" } = recorded.seen?.headers ?? {};
      const { "x-default": ourText = "" } = ours.seen?.headers ?? {};
      return text !== ourText && text.replace(/:0\b/, "") === ourText.replace(/:\d+\b/, "") &&
        canonical(ours).replace(ourText, text) === canonical(recorded);
    },
  },
];

/** A private header of ours; see {@link explanation}. */
export const scopeHeader = "x-contour-scope";

/**
 * What two answers differ by; `undefined` where something else is different. Hosts that follow redirects
 * pass a private header on, where each host is a scope of its own: that may come on top of others.
 */
export function explanation(pair: Pair): readonly string[] | undefined {
  const { seen } = pair.ours;
  if (seen?.headers[scopeHeader] !== undefined) {
    const { [scopeHeader]: _, ...headers } = seen.headers;
    const rest = explanation({ ...pair, ours: { ...pair.ours, seen: { ...seen, headers } } });
    return rest && [scopeHeader, ...rest];
  }
  if (canonical(pair.ours) === canonical(pair.recorded)) return [];
  const found = differences.find(({ explains }) => explains(pair));
  return found && [found.name];
}

/** With each cookie's attributes in one order, once each. */
function withSortedCookie(answer: Answered): Answered {
  const { "set-cookie": cookie = "" } = answer.headers ?? {};
  const [pair, ...attributes] = cookie.split("; ");
  const sorted = [pair, ...new Set(attributes.toSorted())].join("; ");
  return { ...answer, headers: { ...answer.headers, "set-cookie": sorted } };
}

function withoutRetry(answer: Answered): Answered {
  const body = answer.body?.replace("retried and the latest reset reason", "reset reason");
  if (body === undefined || body === answer.body) return answer;
  const headers = { ...answer.headers, "content-length": String(body.length) };
  return { ...answer, headers, body };
}
