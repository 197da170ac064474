/** The certificates by which controller and Envoy know each other are exchanged, under load. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { eventually, within } from "../support/wait.ts";
import { answers, page, rootProxy, startController, startEdgeCluster, startPod } from "./edge.ts";
import { startGate } from "./gate.ts";
import { inOrder } from "./in_order.ts";
import { startInstalledEnvoy } from "./installed_envoy.ts";
import { MountedCertificates } from "./mounted_certificates.ts";
import { noneLost } from "./none_lost.ts";
import { startLoad } from "./steady_load.ts";

Deno.test("the certificates of controller and Envoy are exchanged while both run", async (t) => {
  const step = inOrder(t);
  await using certificates = await MountedCertificates.mount();
  const own = certificates.filesOf("contour");
  const envoys = certificates.filesOf("envoy");
  await using cluster = await startEdgeCluster();
  await using web = await startPod("web", { number: 2 });
  await cluster.apply([...web.manifests, rootProxy("web")]);
  await using controller = await startController({
    cluster,
    security: [
      ...["--contour-cafile", own.ca, "--contour-cert-file", own.cert],
      ...["--contour-key-file", own.key],
    ],
  });
  const { xdsPort, place } = controller;
  await using gate = await startGate({ at: "127.0.0.1", to: { host: "127.0.0.1", port: xdsPort } });
  await using envoy = await startInstalledEnvoy({
    xdsPort: gate.port,
    args: (folder) => [
      ...["--envoy-cafile", envoys.ca, "--envoy-cert-file", envoys.cert],
      ...["--envoy-key-file", envoys.key, "--resources-dir", `${folder}/resources`],
    ],
  });
  await envoy.ready();
  await answers(place, "web.test", "web");
  await using load = startLoad({ place, host: "web.test", backend: "web" });
  const changeArrives = async (name: string) => {
    const begin = performance.now();
    await cluster.apply([rootProxy(name, { service: "web" })]);
    await answers(place, `${name}.test`, "web");
    return Math.round(performance.now() - begin);
  };
  const first = await certificates.read("envoy");

  await step("who shows no certificate of ours gets no answer", async () => {
    await using strange = await MountedCertificates.mount();
    const stranger = await strange.read("envoy");
    assert.equal(await isLetIn(xdsPort, first), true);
    assert.equal(await isLetIn(xdsPort, { ca: first.ca }), false);
    assert.equal(await isLetIn(xdsPort, { ...stranger, ca: first.ca }), false);
  });

  await step("new ones are in use without a restart, and what is open stays so", async () => {
    load.takeReport();
    const events = controller.events.length;
    const passed = gate.passed;
    await certificates.renew();
    const second = await certificates.read("envoy");
    const begin = performance.now();
    await controller.told("Certificate is in use", events);
    const usedMs = Math.round(performance.now() - begin);
    assert.equal(await isLetIn(xdsPort, second), true);
    assert.equal(await isLetIn(xdsPort, { ...first, ca: second.ca }), false, "the old one is out");
    await changeArrives("during");
    assert.equal(gate.passed, passed, "by the connection that was there");
    noneLost("certificates exchanged", load.takeReport(), { usedMs });
  });

  await step("Envoy comes back by the new ones", async () => {
    const { ca } = await certificates.read("envoy");
    const wanted = new X509Certificate(ca).serialNumber;
    await eventually("Envoy knows them", async () => {
      const [known] = JSON.parse(await envoy.get("/certs")).certificates;
      const serial = known.ca_cert[0].serial_number;
      // Written without zeros at its beginning.
      if (serial.toUpperCase() === wanted.replace(/^0+/, "")) return true;
      throw new Error(`The authority it has is ${serial}, not ${wanted}`);
    });
    load.takeReport();
    assert.equal(gate.cut(), 1);
    const tookMs = await changeArrives("after");
    const [, metrics] = await page(`${controller.http}/metrics`);
    assert.match(metrics, /^contour_xds_connected_nodes 1$/m);
    await load.answered(300);
    noneLost("reconnected by new certificates", load.takeReport(), { tookMs });
  });

  await step("those whose keys do not fit are not used, and new ones are again", async () => {
    const good = await certificates.read("envoy");
    const events = controller.events.length;
    await certificates.exchangeKeys();
    const { error } = await controller.told(
      "Certificate cannot be used; the one before stays in use",
      events,
    );
    assert.match(String(error), /is not the key of/);
    assert.equal(await isLetIn(xdsPort, good), true);
    gate.cut();
    await changeArrives("exchanged");
    await certificates.renew();
    await controller.told("Certificate is in use", events);
    assert.equal(await isLetIn(xdsPort, good), false);
    await changeArrives("renewed");
    noneLost("certificates without their keys", load.takeReport());
  });
});

/** Whether somebody with this certificate may speak to a controller that this authority vouches for. */
async function isLetIn(
  port: number,
  { ca, cert, key }: { readonly ca: string; readonly cert?: string; readonly key?: string },
): Promise<boolean> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: "contour",
    ca,
    ALPNProtocols: ["h2"],
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on("error", () => resolve(false));
  socket.on("close", () => resolve(false));
  // With TLS 1.3 a client learns by what comes next whether its certificate was accepted.
  socket.on("data", () => resolve(true));
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00");
  try {
    return await within("the controller says something", promise);
  } finally {
    socket.destroy();
  }
}
