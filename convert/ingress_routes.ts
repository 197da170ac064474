import type { z } from "zod";
import type { HTTPProxy } from "../controller/api/mod.ts";
import type { IngressRoute, IngressRouteService } from "./ingress_route_source.ts";
import { ordered, orderedRoute, type RouteDraft, type RouteServiceDraft } from "./output.ts";
import type { Verdict } from "./note.ts";
import type { SourceObject } from "./sources.ts";
import type { Workshop } from "./workshop.ts";

type SpecDraft = z.input<typeof HTTPProxy>["spec"];

/**
 * Makes an HTTPProxy of each IngressRoute, and today's form of each old TLSCertificateDelegation.
 * Matches of an IngressRoute are whole paths also where it is delegated to; those of an included
 * HTTPProxy come after the prefix of the include, so that it is taken off them. One that several
 * matches delegate to keeps its whole paths, and is included without a prefix.
 */
export function convertIngressRoutes(workshop: Workshop): void {
  const { sources } = workshop;
  const bases = delegatedPaths(sources.ingressRoutes);
  for (const source of sources.ingressRoutes) new RouteConversion(workshop, source, bases).run();
  for (const { body, namespace, name, id, file, labels } of sources.delegations) {
    workshop.add({
      apiVersion: "projectcontour.io/v1",
      kind: "TLSCertificateDelegation",
      metadata: {
        name: workshop.name("TLSCertificateDelegation", namespace, name),
        namespace,
        ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
      },
      spec: body.spec,
    }, { file, sources: [id] });
  }
}

type OldRoute = NonNullable<IngressRoute["spec"]["routes"]>[number];

/** Of each IngressRoute that is delegated to, the paths that are, by `namespace/name`. */
function delegatedPaths(
  sources: readonly SourceObject<IngressRoute>[],
): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>();
  for (const { body: { spec }, namespace } of sources) {
    for (const { match, delegate } of spec.routes ?? []) {
      if (delegate === undefined) continue;
      const target = `${delegate.namespace ?? namespace}/${delegate.name}`;
      paths.set(target, [...paths.get(target) ?? [], match]);
    }
  }
  return paths;
}

class RouteConversion {
  readonly #workshop: Workshop;
  readonly #source: SourceObject<IngressRoute>;
  readonly #delegated: ReadonlyMap<string, readonly string[]>;
  /** What is taken off its matches; without a final slash. */
  readonly #base: string;

  constructor(
    workshop: Workshop,
    source: SourceObject<IngressRoute>,
    delegated: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#workshop = workshop;
    this.#source = source;
    this.#delegated = delegated;
    const [only = "", ...more] = delegated.get(`${source.namespace}/${source.name}`) ?? [];
    const isRoot = source.body.spec.virtualhost !== undefined;
    this.#base = more.length > 0 || isRoot ? "" : only.replace(/\/$/, "");
  }

  run(): void {
    const { body: { spec }, namespace, name, id, file, labels } = this.#source;
    const routes: RouteDraft[] = [];
    const origins: { source: string; path: string }[] = [];
    const includes: NonNullable<SpecDraft["includes"]> = [];
    const seen = new Set<string>();
    for (const [i, route] of (spec.routes ?? []).entries()) {
      const path = `spec.routes[${i}]`;
      const { delegate } = route;
      if (delegate !== undefined) {
        this.#keptRoute(route, path);
        if (route.services !== undefined && route.services.length > 0) {
          this.#note(
            "lost",
            `${path}.services`,
            "has services and delegates",
            "it was invalid before; the services are left out",
          );
        }
        const target = `${delegate.namespace ?? namespace}/${delegate.name}`;
        if (!seen.has(target)) includes.push(this.#include(route.match, delegate, target, path));
        seen.add(target);
        continue;
      }
      if (this.#below(route.match) === undefined) {
        this.#note(
          "lost",
          `${path}.match`,
          `route ${JSON.stringify(route)}`,
          `its match is not under ${this.#base}, which is all that is delegated: invalid before, left out now`,
          {},
          "spec",
        );
        continue;
      }
      this.#keptRoute(route, path);
      routes.push(orderedRoute(this.#route(route, path)));
      origins.push({ source: id, path });
    }
    const annotations = this.#annotations();
    const host = spec.virtualhost?.fqdn ?? "";
    this.#workshop.add({
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: {
        name: this.#workshop.name("HTTPProxy", namespace, name),
        namespace,
        ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      },
      spec: ordered<SpecDraft>({
        ...this.#class(),
        ...this.#virtualHost(),
        ...this.#tcpProxy(),
        ...(includes.length === 0 ? {} : { includes }),
        ...(routes.length === 0 ? {} : { routes }),
      }, ["ingressClassName", "virtualhost", "tcpproxy", "includes", "routes"]),
    }, { file, sources: [id], host, origins });
  }

  #route(route: OldRoute, path: string): RouteDraft {
    const { match, prefixRewrite, timeoutPolicy, retryPolicy } = route;
    const services = route.services ?? [];
    const response = timeoutPolicy?.request;
    const isZero = response !== undefined && /^0[a-zµ]*$/.test(response);
    if (isZero) {
      this.#note(
        "approximated",
        `${path}.timeoutPolicy.request`,
        `timeoutPolicy.request: ${response}`,
        "was documented as no timeout, but was 15s; written as infinity",
      );
    }
    if (prefixRewrite !== undefined) {
      this.#note(
        "approximated",
        `${path}.prefixRewrite`,
        `prefixRewrite: ${prefixRewrite}`,
        "slashes are mended where the prefix is replaced, in an IngressRoute it was plain text",
        { origin: path, field: "pathRewritePolicy" },
      );
    }
    return {
      ...this.#conditions(match),
      services: services.map((service) => this.#service(service)),
      ...(route.permitInsecure === undefined ? {} : { permitInsecure: route.permitInsecure }),
      ...(route.enableWebsockets === undefined ? {} : { enableWebsockets: route.enableWebsockets }),
      ...(prefixRewrite === undefined
        ? {}
        : { pathRewritePolicy: { replacePrefix: [{ replacement: prefixRewrite }] } }),
      ...(response === undefined
        ? {}
        : { timeoutPolicy: { response: isZero ? "infinity" : response } }),
      ...(retryPolicy === undefined ? {} : { retryPolicy }),
      ...this.#balancing(services, path),
      ...this.#healthCheck(services, path),
    };
  }

  /** What is left of a path below the one that is delegated; undefined outside of it. */
  #below(match: string): string | undefined {
    if (this.#base === "" || match === this.#base) return match.slice(this.#base.length);
    return match.startsWith(`${this.#base}/`) ? match.slice(this.#base.length) : undefined;
  }

  #conditions(match: string): Pick<RouteDraft, "conditions"> {
    const prefix = this.#below(match) ?? match;
    return prefix === "" ? {} : { conditions: [{ prefix }] };
  }

  #include(
    match: string,
    { name, namespace }: NonNullable<OldRoute["delegate"]>,
    target: string,
    path: string,
  ): NonNullable<SpecDraft["includes"]>[number] {
    const include = { name, ...(namespace === undefined ? {} : { namespace }) };
    const isKnown = this.#workshop.sources.ingressRoutes.some((each) =>
      `${each.namespace}/${each.name}` === target
    );
    const matches = this.#delegated.get(target) ?? [];
    if (isKnown && matches.length === 1) return { ...include, ...this.#conditions(match) };
    this.#note(
      "approximated",
      `${path}.delegate`,
      `delegate ${target} of ${match}`,
      isKnown
        ? `${
          matches.join(", ")
        } are delegated to it, so that all its paths are served, whatever they are`
        : "it is not among the files: converted by itself it keeps its whole paths, and all of them are " +
          "served; give both files together",
      {},
      "spec",
    );
    return include;
  }

  #service({ name, port, weight, validation }: IngressRouteService): RouteServiceDraft {
    return {
      name,
      port,
      ...(weight === undefined ? {} : { weight }),
      ...(validation === undefined ? {} : { validation }),
    };
  }

  /** One strategy for a route: that of the first Service. */
  #balancing(services: readonly IngressRouteService[], path: string): Partial<RouteDraft> {
    const strategy = services.find(({ strategy }) => strategy !== undefined)?.strategy;
    for (const [i, service] of services.entries()) {
      if (strategy === undefined || service.strategy === strategy) continue;
      this.#note(
        "approximated",
        `${path}.services[${i}].strategy`,
        `strategy: ${service.strategy ?? "(none)"}`,
        `a route has one strategy for all its Services: ${strategy}, that of the first`,
        { origin: path, field: "loadBalancerPolicy" },
      );
    }
    return strategy === undefined ? {} : { loadBalancerPolicy: { strategy } };
  }

  #healthCheck(services: readonly IngressRouteService[], path: string): Partial<RouteDraft> {
    const checked = services.filter(({ healthCheck }) => healthCheck !== undefined);
    const [first, ...others] = checked;
    const check = first?.healthCheck;
    if (check === undefined) return {};
    for (const other of others) {
      this.#note(
        "lost",
        `${path}.services[${services.indexOf(other)}].healthCheck`,
        `healthCheck of ${other.name}`,
        "a route has one health check for all its Services: that of the first",
        { origin: path, field: "healthCheckPolicy" },
      );
    }
    const { path: probed, ...rest } = check;
    const given = Object.entries(rest).filter(([, value]) => value !== undefined);
    return { healthCheckPolicy: { path: probed ?? "/", ...Object.fromEntries(given) } };
  }

  #virtualHost(): Pick<SpecDraft, "virtualhost"> {
    const { virtualhost } = this.#source.body.spec;
    if (virtualhost === undefined) return {};
    const { fqdn, tls } = virtualhost;
    this.#note("kept", "spec.virtualhost", `virtual host ${fqdn}`, "", {}, "virtualhost");
    if (tls === undefined) return { virtualhost: { fqdn } };
    const { secretName, minimumProtocolVersion: version, passthrough } = tls;
    const isKnown = version === "1.2" || version === "1.3";
    this.#note("kept", "spec.virtualhost.tls", `TLS ${JSON.stringify(tls)}`, "", {}, "virtualhost");
    if (!isKnown && passthrough !== true) {
      this.#note(
        "approximated",
        version === undefined
          ? "spec.virtualhost.tls"
          : "spec.virtualhost.tls.minimumProtocolVersion",
        `minimumProtocolVersion: ${version ?? "(none)"}`,
        "meant TLS 1.1; the lowest version there is now is 1.2",
        {},
        "virtualhost",
      );
    }
    return {
      virtualhost: {
        fqdn,
        tls: {
          ...(secretName === undefined ? {} : { secretName }),
          ...(isKnown ? { minimumProtocolVersion: version } : {}),
          ...(passthrough === undefined ? {} : { passthrough }),
        },
      },
    };
  }

  #tcpProxy(): Pick<SpecDraft, "tcpproxy"> {
    const { tcpproxy } = this.#source.body.spec;
    if (tcpproxy === undefined) return {};
    const { delegate, services = [] } = tcpproxy;
    this.#note("kept", "spec.tcpproxy", `tcpproxy ${JSON.stringify(tcpproxy)}`, "", {}, "spec");
    for (const [i, { healthCheck }] of services.entries()) {
      if (healthCheck === undefined) continue;
      this.#note(
        "lost",
        `spec.tcpproxy.services[${i}].healthCheck`,
        "healthCheck of a TCP proxy",
        "asked by HTTP, which a TCP proxy cannot: see tcpproxy.healthCheckPolicy",
        {},
        "spec",
      );
    }
    const strategy = services.find(({ strategy }) => strategy !== undefined)?.strategy;
    return {
      tcpproxy: {
        ...(services.length === 0 ? {} : { services: services.map((each) => this.#service(each)) }),
        ...(delegate === undefined ? {} : {
          include: {
            name: delegate.name,
            ...(delegate.namespace === undefined ? {} : { namespace: delegate.namespace }),
          },
        }),
        ...(strategy === undefined ? {} : { loadBalancerPolicy: { strategy } }),
      },
    };
  }

  #class(): Pick<SpecDraft, "ingressClassName"> {
    const { targetClass } = this.#workshop.options;
    return targetClass === undefined ? {} : { ingressClassName: targetClass };
  }

  /** Those of Contour get today's prefix. */
  #annotations(): Record<string, string> {
    const annotations: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.#source.annotations)) {
      const path = `metadata.annotations[${JSON.stringify(key)}]`;
      const isBookkeeping = key.startsWith("kubectl.kubernetes.io/") ||
        key.startsWith("meta.helm.sh/");
      const name = key.replace(/^contour\.heptio\.com\//, "projectcontour.io/");
      this.#note(
        "kept",
        path,
        `${key}: ${JSON.stringify(value.slice(0, 100))}`,
        isBookkeeping
          ? "belongs to the object it was made from"
          : name === key
          ? "copied"
          : `now ${name}`,
        {},
        "metadata",
      );
      if (!isBookkeeping) annotations[name] = value;
    }
    return annotations;
  }

  #keptRoute(route: OldRoute, path: string): void {
    this.#note("kept", path, `route ${JSON.stringify(route)}`, "", { origin: path });
  }

  #note(
    verdict: Verdict,
    path: string,
    subject: string,
    message: string,
    place: { readonly origin?: string; readonly field?: string } = {},
    within: "routes" | "virtualhost" | "spec" | "metadata" = "routes",
  ): void {
    this.#workshop.notes.add(this.#source.note, path, {
      verdict,
      subject,
      message,
      place: { within, ...place },
    });
  }
}
