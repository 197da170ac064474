/** The controller in file mode with this plugin, and a real Envoy, for the cases. */
import { join } from "node:path";
import type { LogFields, Logger } from "../../../controller/admin/mod.ts";
import { makeAuthority, validityAround } from "../../../controller/certs/mod.ts";
import { localConfiguration } from "../../../controller/local_configuration.ts";
import { loadPlugins } from "../../../controller/plugin_host/mod.ts";
import { serve } from "../../../controller/serve.ts";
import type { XdsLayout } from "../../../controller/serve_options.ts";
import { type ListenPlace, listenPlace } from "../../../tests/support/envoy.ts";
import { askAt } from "../../../tests/support/gateway.ts";
import type { HttpAnswer } from "../../../tests/support/http_client.ts";
import { within } from "../../../tests/support/wait.ts";
import plugin from "../mod.ts";
import { startEcho } from "./backend.ts";
import type { Ask, Case } from "./case.ts";
import { certificateManifest, manifestOf, requestOf } from "./stage.ts";

/** Files that are served. */
export interface Serving extends AsyncDisposable {
  readonly place: ListenPlace;
  /** Sends the request of a case. */
  readonly ask: (one: Case, ask: Ask) => Promise<HttpAnswer>;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly read: (file: string) => Promise<string>;
  /** What the log has so far but for news. */
  readonly complaints: readonly Line[];
}

/** A line of the log. */
export interface Line {
  readonly msg: string;
  readonly at: string;
}

/** Serves a file for each case, `<place in the list>.yaml`. */
export async function startServing(
  cases: readonly Case[],
  layout: XdsLayout,
): Promise<Serving> {
  const folder = await Deno.makeTempDir({ prefix: "contour-header-policies-" });
  const write = (file: string, text: string) => Deno.writeTextFile(join(folder, file), text);
  const backend = await startEcho();
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Test", validity, algorithm: "ecdsa" });
  const dnsNames = ["*.policies.test"];
  const issued = await authority.issue({ dnsNames, validity, algorithm: "ecdsa" });
  await write("certificate.yaml", certificateManifest(issued));
  for (const [i, one] of cases.entries()) await write(`${i}.yaml`, manifestOf(one, backend));
  const stop = new AbortController();
  const { log, complaints } = complaintsOnly(folder);
  const place = listenPlace();
  const handle = serve({
    source: { kind: "files", paths: [folder], namespace: "default" },
    configuration: localConfiguration({
      xds: { address: "127.0.0.1", port: 0 },
      http: { address: "127.0.0.1", port: 0 },
      stats: { address: place.address, port: 0 },
      envoyHttp: { address: place.address, port: place.http },
      envoyHttps: { address: place.address, port: place.https },
    }),
    envoy: { kind: "managed" },
    layout,
    plugins: loadPlugins({ builtIn: [plugin], requests: [], folder }),
  }, { log, signal: stop.signal });
  const serving: Serving = {
    place,
    write,
    read: (file) => Deno.readTextFile(join(folder, file)),
    complaints,
    ask: (one, ask) =>
      askAt(place, {
        ...requestOf(one, ask),
        ...(ask.tls === true ? { tls: { ca: authority.certificate } } : {}),
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await handle.done.finally(() => backend[Symbol.asyncDispose]());
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    await within("Envoy is ready", handle.ready, 120_000);
    return serving;
  } catch (error) {
    await serving[Symbol.asyncDispose]();
    throw error;
  }
}

function complaintsOnly(
  folder: string,
): { readonly log: Logger; readonly complaints: readonly Line[] } {
  const complaints: Line[] = [];
  const complain = (msg: string, { at = "" }: LogFields = {}) => {
    complaints.push({ msg, at: String(at).replace(`${folder}/`, "") });
  };
  const log: Logger = {
    debug: () => {},
    info: () => {},
    warn: complain,
    error: complain,
    with: () => log,
  };
  return { log, complaints };
}
