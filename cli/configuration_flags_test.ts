import assert from "node:assert/strict";
import { Command } from "commander";
import { configurationOptions } from "./configuration_flags.ts";
import { configurationFor, configurationSaid } from "./configuration_said.ts";

/** `serve` with the flags that it has for files already. */
function parsedCommand(...args: string[]): Command {
  const command = new Command("serve").exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of configurationOptions()) command.addOption(option);
  return command.parse(args, { from: "user" });
}

const rest = {
  namespace: "edge",
  isLocal: false,
  fetchResource: (name: string) => Promise.resolve({ name }),
};

Deno.test("only what somebody said is said", () => {
  const nothing = configurationSaid(parsedCommand());
  assert.deepEqual(JSON.parse(JSON.stringify(nothing)), {
    xdsServer: { tls: {} },
    ingress: {},
    debug: {},
    health: {},
    metrics: {},
    httpproxy: {},
    envoy: {
      http: {},
      https: {},
      service: {},
      metrics: {},
      health: {},
      listener: {},
      logging: {},
    },
  });
  const said = configurationSaid(parsedCommand(
    ...["--stats-port", "8002", "--insecure", "--accesslog-format=json", "--use-proxy-protocol"],
    ...["--health-address=::1", "--contour-cafile=/ca", "--envoy-service-name=e"],
  ));
  assert.deepEqual(said.envoy?.health, { address: undefined, port: 8002 });
  assert.equal(said.xdsServer?.tls?.insecure, true);
  assert.equal(said.xdsServer?.tls?.caFile, "/ca");
  assert.equal(said.envoy?.logging?.accessLogFormat, "json");
  assert.equal(said.envoy?.listener?.useProxyProtocol, true);
  assert.equal(said.health?.address, "::1");
  assert.equal(said.envoy?.service?.name, "e");
});

Deno.test("flags alone, a file beneath flags, a resource without them", async () => {
  const alone = await configurationFor(parsedCommand("--xds-address", "0.0.0.0"), rest);
  assert.ok(alone.ok);
  assert.equal(alone.configuration.xds.address, "0.0.0.0");
  assert.deepEqual(alone.configuration.envoy.timeouts.connectionIdle, {
    kind: "explicit",
    ms: 60_000,
  });

  const file = await Deno.makeTempFile({ prefix: "contour-cli-", suffix: ".yaml" });
  try {
    await Deno.writeTextFile(
      file,
      "debug: true\naccesslog-format: json\nenvoy-service-name: of-file\ngateway: {gatewayRef: {namespace: a, name: b}}\n",
    );
    const both = await configurationFor(parsedCommand("-c", file, "--envoy-service-name=e"), rest);
    assert.ok(both.ok);
    assert.equal(both.configuration.envoy.logging.format, "json");
    assert.deepEqual(both.configuration.envoy.service, { namespace: "edge", name: "e" });
    assert.equal(both.file?.debug, true);
    assert.deepEqual(both.unusedKeys, ["gateway"]);

    await Deno.writeTextFile(file, "debg: true\n");
    const wrong = await configurationFor(parsedCommand("-c", file), rest);
    assert.ok(!wrong.ok);
    assert.deepEqual(
      wrong.diagnostics.map(({ code, position }) => [code, position?.file, position?.line]),
      [["CTR003", file, 1]],
    );
  } finally {
    await Deno.remove(file);
  }

  const resource = await configurationFor(
    parsedCommand("--contour-config-name", "main", "--xds-address", "10.0.0.1"),
    {
      ...rest,
      fetchResource: (name) =>
        Promise.resolve({
          apiVersion: "projectcontour.io/v1alpha1",
          kind: "ContourConfiguration",
          metadata: { name },
          spec: { enableExternalNameService: true },
        }),
    },
  );
  assert.ok(resource.ok);
  assert.equal(resource.configuration.enableExternalNameService, true);
  assert.equal(resource.configuration.xds.address, "0.0.0.0");
  const broken = await configurationFor(parsedCommand("--contour-config-name", "main"), rest);
  assert.ok(!broken.ok && broken.problems.length > 0);
});

Deno.test("a file that is not there, and two sources at once", async () => {
  await assert.rejects(configurationFor(parsedCommand("-c", "/nowhere.yaml"), rest), {
    name: "UsageError",
    message: /^Cannot read the configuration file "\/nowhere.yaml": /,
  });
  assert.throws(
    () => parsedCommand("-c", "a", "--contour-config-name", "b"),
    /cannot be used with/,
  );
});

Deno.test("watched namespaces must hold what is referred to", async () => {
  const configured = await configurationFor(parsedCommand(), {
    ...rest,
    watchNamespaces: ["edge"],
  });
  assert.ok(configured.ok);
});
