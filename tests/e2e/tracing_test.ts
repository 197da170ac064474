/** Traces of requests, as a collector of our own hears of them. */
import assert from "node:assert/strict";
import { makeAuthority, validityAround } from "../../controller/certs/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import { startBackend } from "../support/backend.ts";
import { layouts, type Question, startGateway } from "../support/gateway.ts";
import { type Span, startTraceCollector, type TraceCollector } from "../support/trace_collector.ts";
import { eventually } from "../support/wait.ts";
import { secureRoot } from "./going_round.ts";
import {
  documents,
  extensionService,
  ingress,
  ingressRule,
  root,
  service,
  tlsSecret,
} from "./manifest.ts";

const settings = {
  tracing: {
    extensionService: { namespace: "tracing", name: "collector" },
    serviceName: "gateway",
    overallSampling: 100,
    clientSampling: 100,
    randomSampling: 100,
    maxPathTagLength: 12,
    includePodDetail: false,
    customTags: [
      { kind: "literal", tag: "stage", text: "test" },
      { kind: "request-header", tag: "agent", header: "User-Agent" },
    ],
  },
} satisfies Partial<Settings>;

async function setStage() {
  const validity = validityAround(new Date(), 30);
  const authority = await makeAuthority({ commonName: "Ours", validity, algorithm: "ecdsa" });
  const backend = await startBackend({ name: "a" });
  const collector = await startTraceCollector();
  const manifest = documents(
    tlsSecret(
      "certificate",
      await authority.issue({ dnsNames: ["*.secure.test"], validity, algorithm: "ecdsa" }),
    ),
    service("a", [backend]),
    service("collector", [collector], { namespace: "tracing" }),
    extensionService("collector", {
      protocol: "h2c",
      services: [{ name: "collector", port: 80 }],
    }, { namespace: "tracing" }),
    root("plain.test", "routes: [{ services: [{ name: a, port: 80 }] }]"),
    secureRoot("host.secure.test", {}, [{ services: [{ name: "a", port: 80 }] }]),
    ingress("ingress", [ingressRule("ingress.test", ["Prefix /", "a"])]),
  );
  return {
    ca: authority.certificate,
    collector,
    manifest,
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await collector[Symbol.asyncDispose]();
    },
  };
}

for (const layout of layouts) {
  Deno.test(`traces of requests, ${layout}`, async (t) => {
    await using stage = await setStage();
    const { collector } = stage;
    await using gateway = await startGateway({ layout, manifest: stage.manifest, settings });

    // Envoy tells of five spans at once, or of those it has every five seconds; a request has two.
    const askOften = async (question: Question) => {
      for (let i = 0; i < 3; i++) await gateway.ask(question);
    };

    await t.step("requests with TLS and without are told, with what is configured", async () => {
      const headers = { "user-agent": "tester" };
      const tls = { ca: stage.ca };
      await askOften({ host: "plain.test", path: "/plain/and/quite/long", headers });
      await askOften({ host: "host.secure.test", path: "/secure", headers, tls });
      await askOften({ host: "ingress.test", path: "/ingress", headers });
      for (const [host, path] of [["plain.test", "/plain/and/q"], ["ingress.test", "/ingress"]]) {
        const { tags, resource } = await told(collector, `http://${host}${path}`);
        assert.equal(resource["service.name"], "gateway");
        const { stage, agent, podName } = tags;
        assert.deepEqual([stage, agent, podName], ["test", "tester", undefined]);
      }
      await told(collector, "https://host.secure.test/secure");
    });

    await t.step("the backend gets the trace to go on with", async () => {
      const { body } = await gateway.ask({ host: "plain.test", path: "/onward" });
      assert.match(JSON.parse(body).headers["traceparent"] ?? "", /^00-[0-9a-f]{32}-/);
    });

    await t.step("who is not sampled is not told", async () => {
      const tracing = { ...settings.tracing, overallSampling: 0, includePodDetail: true };
      gateway.controller.translation.configure({ ...defaultSettings, tracing });
      await gateway.settled();
      await gateway.ask({ host: "plain.test", path: "/unseen" });
      gateway.controller.translation.configure({ ...defaultSettings, ...settings });
      await gateway.settled();
      await askOften({ host: "plain.test", path: "/seen" });
      await told(collector, "http://plain.test/seen");
      const urls = collector.spans.map(({ tags }) => tags["http.url"]);
      assert.ok(!urls.includes("http://plain.test/unseen"));
    });

    await t.step("without a collector requests are served all the same", async () => {
      await gateway.remove({
        kind: "ExtensionService",
        namespace: "tracing",
        name: "collector",
      });
      const { headers } = await gateway.ask({ host: "plain.test" });
      assert.equal(headers["x-backend"], "a");
      // What requests came to is not looked at: Envoy writes into their ids that they are traced.
      assert.deepEqual(gateway.controller.refusals, []);
      assert.deepEqual(gateway.envoy.log, []);
    });
  });
}

/** The first span about a URL, once it was told. */
function told({ spans }: TraceCollector, url: string): Promise<Span> {
  return eventually(
    `${url} is traced`,
    () => spans.find(({ tags }) => tags["http.url"] === url),
    { withinMs: 20_000 },
  );
}
