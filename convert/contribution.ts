import type { RouteDraft, RouteServiceDraft } from "./output.ts";
import type { Answer, HostSettings, IngressSettings } from "./settings.ts";

/** What one group of annotations gives to the settings of an Ingress. */
export interface Contribution {
  readonly route?: Partial<RouteDraft>;
  readonly service?: Partial<RouteServiceDraft>;
  readonly mirror?: RouteServiceDraft;
  readonly answer?: Answer;
  readonly host?: Partial<HostSettings>;
  readonly settings?: Partial<Omit<IngressSettings, "route" | "service" | "host">>;
}

/** Joins contributions; lists of headers and cookies are put together, of other fields the first counts. */
export function joined(
  base: Omit<IngressSettings, "route" | "service" | "host">,
  contributions: readonly Contribution[],
): IngressSettings {
  const mirror = contributions.find((each) => each.mirror !== undefined)?.mirror;
  const answer = contributions.find((each) => each.answer !== undefined)?.answer;
  const host: HostSettings = Object.assign(
    { aliases: [], passthrough: false },
    ...contributions.map(({ host }) => host ?? {}),
  );
  return Object.assign(
    {
      ...base,
      route: contributions.map(({ route }) => route ?? {}).reduce(joinRoutes, {}),
      service: Object.assign({}, ...contributions.map(({ service }) => service ?? {})),
      host,
      ...(mirror === undefined ? {} : { mirror }),
      ...(answer === undefined ? {} : { answer }),
    },
    ...contributions.map(({ settings }) => settings ?? {}),
  );
}

function joinRoutes(a: Partial<RouteDraft>, b: Partial<RouteDraft>): Partial<RouteDraft> {
  const headers = (name: "requestHeadersPolicy" | "responseHeadersPolicy") => {
    const [first, second] = [a[name], b[name]];
    if (first === undefined || second === undefined) return {};
    const set = [...first.set ?? [], ...second.set ?? []];
    const remove = [...first.remove ?? [], ...second.remove ?? []];
    return {
      [name]: {
        ...(set.length === 0 ? {} : { set }),
        ...(remove.length === 0 ? {} : { remove }),
      },
    };
  };
  return { ...b, ...a, ...headers("requestHeadersPolicy"), ...headers("responseHeadersPolicy") };
}
