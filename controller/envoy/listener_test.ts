import assert from "node:assert/strict";
import { decode, type Message } from "../../proto/mod.ts";
import { createLayout, defaultEnvoyOptions, type EnvoyOptions, type LayoutKind } from "./mod.ts";
import { fragmentOf } from "./tests/decoded.ts";
import { host, overTls } from "./tests/model.ts";

function listener(kind: LayoutKind, name: string, options: EnvoyOptions): Message {
  const layout = createLayout(kind, options);
  const fragment = fragmentOf(overTls(host("a.example")));
  layout.update({ hosts: { changed: new Map([["a.example", fragment]]), removed: [] } });
  for (const resource of layout.resources()) {
    if (resource.name === name) return decode("envoy.config.listener.v3.Listener", resource.body);
  }
  return assert.fail(`no ${name}`);
}

/** The connection manager of a listener's first filter chain. */
function manager(listener: Message): Message {
  const [chain] = listener["filterChains"] as readonly { readonly filters: readonly Message[] }[];
  return chain?.filters[0]?.["typedConfig"] as Message;
}

const socketOptions = [
  ["Enable TCP keep-alive", 1, 9, 1],
  ["TCP keep-alive initial idle time", 6, 4, 45],
  ["TCP keep-alive time between probes", 6, 5, 5],
  ["TCP keep-alive probe count", 6, 6, 9],
].map(([description, level, name, intValue]) => ({
  description,
  level,
  name,
  intValue,
  state: "STATE_LISTENING",
}));

for (const kind of ["scoped", "flat"] as const) {
  Deno.test(`${kind}: the TLS listener reads the SNI`, () => {
    const { filterChains, ...rest } = listener(kind, "ingress_https", defaultEnvoyOptions);
    assert.equal((filterChains as readonly Message[]).length, 1);
    assert.deepEqual(rest, {
      name: "ingress_https",
      address: { socketAddress: { address: "0.0.0.0", portValue: 8443 } },
      listenerFilters: [{
        name: "envoy.filters.listener.tls_inspector",
        typedConfig: {
          "@type": "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
        },
      }],
      socketOptions,
    });
  });

  Deno.test(`${kind}: the plain listener is bound and logs as asked`, () => {
    const { accessLog: _accessLog, ...http } = defaultEnvoyOptions.http;
    const silent = listener(kind, "ingress_http", {
      ...defaultEnvoyOptions,
      http: { ...http, address: "::", port: 80 },
    });
    assert.deepEqual(silent["address"], {
      socketAddress: { address: "::", portValue: 80, ipv4Compat: true },
    });
    assert.equal(manager(silent)["accessLog"], undefined);
    const format = "%RESPONSE_CODE%\n";
    const logging = listener(kind, "ingress_http", {
      ...defaultEnvoyOptions,
      http: { ...http, accessLog: { path: "/tmp/log", format } },
    });
    assert.deepEqual(manager(logging)["accessLog"], [{
      name: "envoy.access_loggers.file",
      typedConfig: {
        "@type": "envoy.extensions.access_loggers.file.v3.FileAccessLog",
        path: "/tmp/log",
        logFormat: { textFormatSource: { inlineString: format } },
      },
    }]);
  });
}

Deno.test("where plain routes come from", () => {
  const ads = { ads: {}, resourceApiVersion: "V3" };
  const flat = manager(listener("flat", "ingress_http", defaultEnvoyOptions));
  assert.deepEqual(flat["rds"], { configSource: ads, routeConfigName: "ingress_http" });
  const scoped = manager(listener("scoped", "ingress_http", defaultEnvoyOptions));
  assert.deepEqual(scoped["scopedRoutes"], {
    name: "ingress_http",
    scopeKeyBuilder: {
      fragments: [{
        headerValueExtractor: { name: "x-contour-scope", elementSeparator: ":", index: 0 },
      }],
    },
    rdsConfigSource: ads,
    scopedRds: { scopedRdsConfigSource: ads },
  });
  const names = (manager: Message) =>
    (manager["httpFilters"] as readonly Message[]).map(({ name }) => name);
  assert.deepEqual(names(scoped), ["envoy.filters.http.lua.scope_miss", ...names(flat)]);
});
