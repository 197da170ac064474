import { Gauge, type Registry } from "prom-client";
import { keyId, type ObjectKey } from "../api/mod.ts";

/**
 * The gauges `contour_httpproxy*`, kept by difference: a status that changes costs its own labels,
 * whatever the number of proxies.
 */
export function proxyGauges(registry: Registry): ProxyGauges {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    counted(new Gauge({ name, help, labelNames, registers: [registry] }), labelNames);
  const all = gauge("contour_httpproxy", "HTTPProxies.", ["namespace"]);
  const roots = gauge("contour_httpproxy_root", "HTTPProxies that name a host.", ["namespace"]);
  const orphaned = gauge("contour_httpproxy_orphaned", "HTTPProxies that no root includes.", [
    "namespace",
  ]);
  const valid = gauge("contour_httpproxy_valid", "HTTPProxies without an error.", [
    "namespace",
    "vhost",
  ]);
  const invalid = gauge("contour_httpproxy_invalid", "HTTPProxies with an error.", [
    "namespace",
    "vhost",
  ]);

  const count = (namespace: string, { vhost, status }: ProxyState, step: 1 | -1) => {
    all({ namespace }, step);
    if (vhost !== undefined) roots({ namespace }, step);
    switch (status) {
      case "valid":
        return valid({ namespace, vhost: vhost ?? "" }, step);
      case "invalid":
        return invalid({ namespace, vhost: vhost ?? "" }, step);
      case "orphaned":
        return orphaned({ namespace }, step);
    }
  };

  const states = new Map<string, { readonly namespace: string; readonly state: ProxyState }>();
  let isShown = true;
  return {
    update({ namespace, ...key }, state) {
      const id = keyId({ namespace, ...key });
      const before = states.get(id);
      if (before !== undefined && isShown) count(namespace, before.state, -1);
      if (state === undefined) {
        states.delete(id);
        return;
      }
      states.set(id, { namespace, state });
      if (isShown) count(namespace, state, 1);
    },
    show(shown) {
      if (shown === isShown) return;
      isShown = shown;
      for (const { namespace, state } of states.values()) count(namespace, state, shown ? 1 : -1);
    },
  };
}

/** The gauges of all HTTPProxies. */
export interface ProxyGauges {
  /** Tells them what an HTTPProxy is now; `undefined` takes it out of the count. */
  readonly update: (key: ObjectKey, state: ProxyState | undefined) => void;
  /** Whether there is anything to see; at first there is. */
  readonly show: (isShown: boolean) => void;
}

/** What is counted of an HTTPProxy. */
export interface ProxyState {
  readonly status: "valid" | "invalid" | "orphaned";
  /** The host of a root; absent for a proxy that others include. */
  readonly vhost?: string;
}

/** Steps a gauge, and takes a series out when nothing is left to count in it. */
function counted<Label extends string>(gauge: Gauge<Label>, labelNames: readonly Label[]) {
  const values = new Map<string, number>();
  return (labels: Record<Label, string>, step: 1 | -1): void => {
    const id = JSON.stringify(labelNames.map((name) => labels[name]));
    const value = (values.get(id) ?? 0) + step;
    if (value === 0) {
      values.delete(id);
      gauge.remove(labels);
    } else {
      values.set(id, value);
      gauge.set(labels, value);
    }
  };
}
