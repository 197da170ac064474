/** `contour ratelimit` as users call it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../../../tests/support/command_line.ts";
import { eventually } from "../../../tests/support/wait.ts";
import { grpcClient, requestFor } from "./grpc_client.ts";
import { startRedis } from "./redis.ts";

const config = `domain: shop
descriptors:
  - key: user
    rate_limit: {unit: minute, requests_per_unit: 5, name: per-user}
    descriptors:
      - key: path
        value: /login
        shadow_mode: true
        rate_limit: {unit: minute, requests_per_unit: 2, unit_multiplier: 10, burst: 1}
  - key: user
    value: root
  - key: agent
    value: "bot*"
    rate_limit: {unlimited: true}
`;

/** A folder with files, gone when the test ends. */
async function folderWith(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("test: the limit of a descriptor, and why not the others", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  const file = join(folder.path, "limits.yaml");
  const { code, out, err } = await commandLine([
    "ratelimit",
    "test",
    file,
    "user=alice,path=/login",
  ]);
  assert.equal(err, "");
  assert.equal(code, 0);
  assert.equal(
    out.replaceAll(file, "limits.yaml"),
    `user=alice,path=/login
-> shop.user.path_/login   2 per 10 minutes (gcra, bursts of 1), shadow mode
rule  limits.yaml:6:14
others:
  limits.yaml:3:10   shop.user        the descriptor goes on with path=/login
  limits.yaml:12:10  shop.agent_bot*  entry 1 is user=alice, not agent_bot*

`,
  );
});

Deno.test("test: descriptors without a limit", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  const file = join(folder.path, "limits.yaml");
  const { code, out } = await commandLine([
    "ratelimit",
    "test",
    file,
    "user=root",
    "agent=bot1",
    "x=y",
  ]);
  assert.equal(code, 1);
  assert.equal(
    out.replaceAll(file, "limits.yaml"),
    `user=root
-> no limit   always let through
      its last step is configured, without a limit
others:
  limits.yaml:3:10   shop.user              entry 1 is taken by user_root (line 10), which goes before
  limits.yaml:6:14   shop.user.path_/login  entry 1 is taken by user_root (line 10), which goes before
  limits.yaml:12:10  shop.agent_bot*        entry 1 is user=root, not agent_bot*

agent=bot1
-> shop.agent_bot*   unlimited
rule  limits.yaml:12:10
others:
  limits.yaml:3:10  shop.user              entry 1 is agent=bot1, not user=…
  limits.yaml:6:14  shop.user.path_/login  entry 1 is agent=bot1, not user=…

x=y
-> no limit   always let through
others:
  limits.yaml:3:10   shop.user              entry 1 is x=y, not user=…
  limits.yaml:6:14   shop.user.path_/login  entry 1 is x=y, not user=…
  limits.yaml:12:10  shop.agent_bot*        entry 1 is x=y, not agent_bot*

`,
  );
});

Deno.test("test: as JSON, with the same exit code", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  const file = join(folder.path, "limits.yaml");
  const { code, out } = await commandLine([
    "ratelimit",
    "test",
    "-o",
    "json",
    file,
    "user=a\\,b",
    "x=y",
  ]);
  assert.equal(code, 1);
  const { domain, descriptors: [first, second] } = JSON.parse(out);
  assert.equal(domain, "shop");
  assert.deepEqual(first.entries, [{ key: "user", value: "a,b" }]);
  assert.equal(first.match.rule, "shop.user");
  assert.equal(first.match.requestsPerUnit, 5);
  assert.deepEqual(first.match.place, { file, line: 3, column: 10, endLine: 3, endColumn: 14 });
  assert.equal(second.match, null);
  assert.equal(second.others.length, 3);
});

Deno.test("test: several domains have to be told apart", async () => {
  await using folder = await folderWith({
    "a.yaml": "domain: a\ndescriptors: [{key: k, rate_limit: {unit: day}}]",
    "b.yaml": "domain: b\ndescriptors: [{key: k, rate_limit: {unit: day}}]",
  });
  const { code, err } = await commandLine(["ratelimit", "test", folder.path, "k=v"]);
  assert.equal(code, 2);
  assert.match(err, /Name one of the domains with --domain: a, b/);
  const { code: found, out } = await commandLine([
    "ratelimit",
    "test",
    "-d",
    "b",
    folder.path,
    "k=v",
  ]);
  assert.equal(found, 0);
  assert.match(out, /-> b\.k/);
  assert.equal((await commandLine(["ratelimit", "test", "-d", "c", folder.path, "k=v"])).code, 2);
});

const wrong: readonly (readonly [name: string, args: readonly string[], told: RegExp])[] = [
  ["no descriptor", ["test", "FILE"], /missing required argument 'descriptor'/],
  ["a descriptor that is none", ["test", "FILE", "user"], /"user" is no entry of a descriptor/],
  ["a file that is not there", ["test", "nowhere.yaml", "a=b"], /nowhere\.yaml.*it is not there/],
  ["an output of nobody", ["test", "FILE", "a=b", "-o", "xml"], /Allowed choices are text, json/],
  ["nothing to serve", ["serve"], /Name a file or folder with limits/],
  ["an address without a port", ["serve", "-c", "FILE", "--grpc-address", "here"], /with a port/],
  [
    "an algorithm of nobody",
    ["serve", "-c", "FILE", "--algorithm", "leaky"],
    /gcra, fixed-window, sliding-window/,
  ],
  [
    "a choice of nobody",
    ["serve", "-c", "FILE", "--on-store-failure", "x"],
    /error, open, closed, memory/,
  ],
  ["a URL of something else", ["serve", "-c", "FILE", "--redis", "http://h"], /is no URL of Redis/],
  ["a header of nobody", ["serve", "-c", "FILE", "--response-headers", "x"], /has no "x"/],
  [
    "a certificate without its key",
    ["serve", "-c", "FILE", "--grpc-cert-file", "x"],
    /needed together/,
  ],
  ["certificates without TLS", [
    "serve",
    "-c",
    "FILE",
    "--redis",
    "redis://h",
    "--redis-ca-file",
    "FILE",
  ], /rediss/],
];

for (const [name, args, told] of wrong) {
  Deno.test(`called with ${name}: exit code 2`, async () => {
    await using folder = await folderWith({ "limits.yaml": config });
    const file = join(folder.path, "limits.yaml");
    const { code, err } = await commandLine([
      "ratelimit",
      ...args.map((arg) => arg === "FILE" ? file : arg),
    ]);
    assert.match(err, told);
    assert.equal(code, 2);
  });
}

Deno.test("check: right, wrong, and not there", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  const good = await commandLine(["ratelimit", "check", folder.path]);
  assert.deepEqual(good, {
    code: 0,
    err: "",
    out: "all rate limit configs ok: 1 domain in 1 file\n",
  });
  await Deno.writeTextFile(join(folder.path, "more.yaml"), "domain: shop\ndescriptor: []\n");
  const bad = await commandLine(["ratelimit", "check", folder.path]);
  assert.equal(bad.code, 1);
  assert.equal(
    bad.err.replaceAll(`${folder.path}/`, ""),
    "more.yaml:2:1: error: config error, unknown key 'descriptor', did you mean \"descriptors\"?\n",
  );
  assert.equal((await commandLine(["ratelimit", "check", "nowhere"])).code, 2);
});

Deno.test("descriptors and limits that do not find each other are told", async () => {
  await using folder = await folderWith({
    "limits.yaml": `domain: shop
descriptors:
- key: remote_address
  rate_limit: {unit: second, requests_per_unit: 5}
- key: user
  rate_limit: {unit: second, requests_per_unit: 1}
`,
    "shop.yaml": `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop}
spec:
  virtualhost:
    fqdn: shop.example.com
    rateLimitPolicy:
      global:
        descriptors:
        - entries: [{remoteAddress: {}}]
        - entries: [{requestHeader: {headerName: x-user, descriptorKey: usr}}]
  routes:
  - services: [{name: shop, port: 80}]
`,
  });
  const { code, err, out } = await commandLine([
    "ratelimit",
    "check",
    join(folder.path, "limits.yaml"),
    "--manifests",
    join(folder.path, "shop.yaml"),
  ]);
  assert.deepEqual([code, out], [0, "all rate limit configs ok: 1 domain in 1 file\n"]);
  assert.equal(
    err.replaceAll(`${folder.path}/`, ""),
    "shop.yaml:11:11: warning: no limit is about this descriptor of HTTPProxy default/shop, so it " +
      'lets everything pass\nlimits.yaml:5:3: warning: no descriptor leads to the limit "shop.user"\n',
  );
});

/** Runs `serve` until the test is done with it. */
async function serving(
  args: readonly string[],
  use: (
    at: { readonly grpc: number; readonly http: number; readonly err: () => string },
  ) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const stop = new AbortController();
  let err = "";
  const done = commandLine(["ratelimit", "serve", ...args], {
    interrupted: () => stop.signal,
    env: (name) => env[name],
    onErr: (text) => err += text,
  });
  try {
    const [, grpc = "", http = ""] = await Promise.race([
      eventually("it listens", () => /grpc=\S+:(\d+) http=\S+:(\d+)/.exec(err) ?? undefined),
      done.then(({ code }) => {
        throw new Error(`It ended with ${code}: ${err}`);
      }),
    ]);
    await use({ grpc: Number(grpc), http: Number(http), err: () => err });
  } finally {
    stop.abort();
  }
  return (await done).code;
}

const anywhere = ["--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"];

Deno.test("serve: says where it listens, answers, and ends with 0", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  const code = await serving(["-c", folder.path, ...anywhere], async ({ grpc, http, err }) => {
    assert.match(err(), /msg="read the limits" files=1 domains=1 problems=0/);
    assert.match(err(), /store=memory algorithm=gcra/);
    using client = grpcClient(grpc);
    for (let i = 0; i < 5; i++) {
      assert.equal((await client.limit(requestFor("shop", { user: "a" })))["overallCode"], "OK");
    }
    assert.equal(
      (await client.limit(requestFor("shop", { user: "a" })))["overallCode"],
      "OVER_LIMIT",
    );
    const response = await fetch(`http://127.0.0.1:${http}/healthcheck`);
    assert.equal(await response.text(), "OK");
  });
  assert.equal(code, 0);
});

Deno.test("serve: a broken file beside a good one is told, and the good one is served", async () => {
  await using folder = await folderWith({ "limits.yaml": config, "other.yaml": "domain: [" });
  await serving(["-c", folder.path, ...anywhere], async ({ grpc, err }) => {
    assert.match(err(), /level=error msg=".*other\.yaml:1:10: error: error loading config file/);
    using client = grpcClient(grpc);
    assert.equal((await client.limit(requestFor("shop", { user: "a" })))["overallCode"], "OK");
  });
});

Deno.test("serve: Redis, by flag and by the environment of the reference", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  await using redis = await startRedis({ password: "sesame" });
  const ways:
    readonly (readonly [args: readonly string[], env: Readonly<Record<string, string>>])[] = [
      [["-c", folder.path, "--redis", redis.url], {}],
      [[], {
        RUNTIME_ROOT: folder.path,
        RUNTIME_APPDIRECTORY: ".",
        REDIS_URL: `127.0.0.1:${redis.port}`,
        REDIS_AUTH: "sesame",
        LIMIT_RESPONSE_HEADERS_ENABLED: "true",
        USE_STATSD: "false",
        REDIS_POOL_SIZE: "5",
      }],
    ];
  for (const [index, [args, env]] of ways.entries()) {
    await serving([...args, ...anywhere], async ({ grpc, err }) => {
      await eventually("Redis is there", () => err().includes("connected to Redis"));
      using client = grpcClient(grpc);
      const { statuses, responseHeadersToAdd } = await client.limit(
        requestFor("shop", { user: "a" }),
      );
      const [status] = statuses as { limitRemaining?: number }[];
      assert.equal(status?.limitRemaining, 4 - index, "the counter is the same");
      assert.equal(responseHeadersToAdd === undefined, index === 0);
      assert.equal(err().includes("REDIS_POOL_SIZE"), index === 1, "what has no effect is told");
    }, env);
  }
});

Deno.test("serve: an address that is taken is told, with exit code 1", async () => {
  await using folder = await folderWith({ "limits.yaml": config });
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const args = ["ratelimit", "serve", "-c", folder.path, ...anywhere, "--grpc-address", address];
  const { code, err } = await commandLine(args);
  assert.equal(code, 1);
  assert.match(err, /Cannot listen on 127\.0\.0\.1:\d+ for gRPC: the address is in use/);
});
