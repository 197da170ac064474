import assert from "node:assert/strict";
import { join } from "node:path";
import { startFakeApiServer } from "../../tests/support/cluster/mod.ts";
import { accessOf } from "./kubeconfig.ts";
import {
  type AccessOptions,
  type Clock,
  kubeClient,
  loadAccess,
  rateLimit,
  systemClock,
} from "./mod.ts";
import { RateLimiter } from "./rate_limiter.ts";
import { ManualClock } from "../../tests/support/cluster/mod.ts";

function config(user: unknown, cluster: object = {}): string {
  return JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    clusters: [{ name: "k", cluster: { server: "https://10.0.0.1:6443/", ...cluster } }],
    users: [{ name: "u", user }],
  });
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("accessOf: who we are, by everything a kubeconfig may say", () => {
  const pem = { kind: "pem", text: "PEM" };
  const cases: readonly (readonly [user: unknown, identity: unknown])[] = [
    [{}, { kind: "nobody" }],
    [null, { kind: "nobody" }],
    [{ token: "t" }, { kind: "token", token: "t" }],
    [{ token: "t", tokenFile: "f" }, { kind: "tokenFile", path: "/home/f" }],
    [{ username: "a", password: "b" }, { kind: "password", username: "a", password: "b" }],
    [{ "client-certificate-data": btoa("PEM"), "client-key": "k.pem" }, {
      kind: "certificate",
      certificate: pem,
      key: { kind: "file", path: "/home/k.pem" },
    }],
    [{ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./get", args: ["x"] } }, {
      kind: "exec",
      plugin: {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "/home/get",
        args: ["x"],
        env: {},
        provideClusterInfo: false,
        installHint: "",
      },
    }],
  ];
  for (const [user, identity] of cases) {
    const access = accessOf([{ path: "/home/config", text: config(user) }]);
    assert.deepEqual(access.identity, identity);
    assert.equal(access.server, "https://10.0.0.1:6443");
  }
});

Deno.test("accessOf: of several files the first to say something counts", () => {
  const first = JSON.stringify({ users: [{ name: "u", user: { token: "first" } }] });
  const access = accessOf([
    { path: "/a/config", text: first },
    { path: "/b/config", text: config({ token: "second" }, { "certificate-authority": "ca" }) },
  ]);
  assert.deepEqual(access.identity, { kind: "token", token: "first" });
  assert.deepEqual(access.authority, { kind: "file", path: "/b/ca" });
});

Deno.test("accessOf: says what is wrong, and never shows a secret", () => {
  const fails = (text: string, message: RegExp) =>
    assert.throws(() => accessOf([{ path: "/home/config", text }]), message);
  fails("token: [secret", /^Error: Cannot read kubeconfig "\/home\/config": it is not YAML$/);
  fails("", /there is no current-context/);
  fails("current-context: c", /context "c" is not there/);
  fails(config({ "client-key": "k" }), /client-certificate and client-key belong together/);
  fails(config({ "auth-provider": { name: "gcp" } }), /auth-provider "gcp" is not supported/);
  fails(config({}, { server: "nowhere" }), /server "nowhere" is no URL/);
  fails(config({}, { "insecure-skip-tls-verify": true }), /insecure-skip-tls-verify/);
});

Deno.test("loadAccess: the flag, the Pod, KUBECONFIG, the home folder", () =>
  inFolder(async (folder) => {
    const file = join(folder, "config");
    await Deno.writeTextFile(file, config({ token: "t" }));
    const load = (options: Partial<AccessOptions>) =>
      loadAccess({ inCluster: false, env: {}, ...options });
    assert.equal((await load({ kubeconfig: file })).identity.kind, "token");
    assert.equal((await load({ env: { KUBECONFIG: `/nowhere:${file}` } })).identity.kind, "token");
    await Deno.mkdir(join(folder, ".kube"));
    await Deno.copyFile(file, join(folder, ".kube", "config"));
    assert.equal((await load({ env: { HOME: folder } })).identity.kind, "token");
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const inCluster = await load({ inCluster: true, env });
    assert.equal(inCluster.server, "https://[fd00::1]:443");
    assert.equal(inCluster.identity.kind, "tokenFile");
    await assert.rejects(load({ inCluster: true }), /this is no Pod/);
    await assert.rejects(load({ kubeconfig: "/nowhere" }), /"\/nowhere": no such file/);
    await assert.rejects(load({ env: { KUBECONFIG: "/a:/b" } }), /no file of KUBECONFIG exists/);
  }));

Deno.test("kubeClient: a token is read again after a while, and at once when it is refused", () =>
  inFolder(async (folder) => {
    const path = join(folder, "token");
    await Deno.writeTextFile(path, "one\n");
    await using server = startFakeApiServer();
    server.serve("/api/v1/services");
    const time = new ManualClock();
    const clock: Clock = {
      now: () => time.now(),
      monotonic: () => time.monotonic(),
      after: (...timer) => time.after(...timer),
    };
    const access = {
      server: server.url,
      identity: { kind: "tokenFile", path },
      headers: {},
    } as const;
    using client = kubeClient({ access, clock, userAgent: "test" });
    const { signal } = new AbortController();
    const ask = () => client.request({ method: "GET", path: "/api/v1/services" }, signal);
    const sent = () => server.requests.map(({ authorization }) => authorization?.slice(7));
    await ask();
    await Deno.writeTextFile(path, "two");
    await ask();
    await time.advance(11_000);
    await ask();
    assert.deepEqual(sent(), ["one", "one", "two"]);
    await Deno.writeTextFile(path, "three");
    server.next(() => true, { kind: "status", status: 401, reason: "Unauthorized" });
    await ask();
    assert.deepEqual(sent(), ["one", "one", "two", "two", "three"]);
    await Deno.remove(path);
    await time.advance(11_000);
    await ask(); // it is being replaced: the last one is good for a while
    assert.equal(sent().at(-1), "three");
  }));

Deno.test("kubeClient: a plugin is asked once, again when refused, and its failure explained", () =>
  inFolder(async (folder) => {
    const command = join(folder, "plugin");
    const apiVersion = "client.authentication.k8s.io/v1";
    const write = (script: string) =>
      Deno.writeTextFile(command, `#!/bin/sh\necho run >> ${folder}/runs\n${script}\n`, {
        mode: 0o755,
      });
    const credential = (token: string) =>
      `echo '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"${token}"}}'`;
    await write(credential("one"));
    await using server = startFakeApiServer();
    server.serve("/api/v1/services");
    const plugin = {
      apiVersion,
      command,
      args: [],
      env: {},
      provideClusterInfo: true,
      installHint: "install it",
    };
    const access = { server: server.url, identity: { kind: "exec", plugin }, headers: {} } as const;
    using client = kubeClient({ access, clock: systemClock, userAgent: "test" });
    const { signal } = new AbortController();
    const ask = () => client.request({ method: "GET", path: "/api/v1/services" }, signal);
    await Promise.all([ask(), ask(), ask()]);
    assert.equal(await Deno.readTextFile(join(folder, "runs")), "run\n");
    assert.equal(server.requests.at(-1)?.authorization, "Bearer one");
    await write(credential("two"));
    server.next(() => true, { kind: "status", status: 401 });
    await ask();
    assert.equal(server.requests.at(-1)?.authorization, "Bearer two");
    await write("echo 'log in first' >&2; exit 3");
    for (let i = 0; i < 2; i++) server.next(() => true, { kind: "status", status: 401 });
    await assert.rejects(ask(), /it exited with 3: log in first/);
    await write("echo secret");
    await assert.rejects(ask(), (error: Error) => {
      assert.match(error.message, /it printed no ExecCredential/);
      return !error.message.includes("secret");
    });
  }));

Deno.test("kubeClient: errors say what was asked and what was answered", async () => {
  await using server = startFakeApiServer();
  const access = { server: server.url, identity: { kind: "nobody" }, headers: {} } as const;
  using client = kubeClient({ access, clock: systemClock, userAgent: "test" });
  const { signal } = new AbortController();
  const ask = (timeoutMs?: number) =>
    client.request({
      method: "GET",
      path: "/api/v1/services",
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }, signal);
  await assert.rejects(ask(), {
    name: "ApiError",
    status: 404,
    message: "Cannot get /api/v1/services: server answered 404 NotFound: answered 404 on purpose",
  });
  server.next(() => true, { kind: "text", text: "<html>" });
  await assert.rejects(ask(), { name: "UnreachableError" });
  server.next(() => true, { kind: "silence" });
  await assert.rejects(ask(50), /no answer within 50 ms/);
});

Deno.test("rateLimit: none unless asked for, then a burst and an even flow", async () => {
  assert.equal(rateLimit(undefined, 0), undefined);
  assert.deepEqual(rateLimit(undefined, 20), { qps: 5, burst: 20 });
  assert.deepEqual(rateLimit(50, undefined), { qps: 50, burst: 10 });
  const clock = new ManualClock();
  const limiter = new RateLimiter({ qps: 10, burst: 3 }, clock);
  const { signal } = new AbortController();
  let passed = 0;
  for (let i = 0; i < 6; i++) void limiter.pass(signal).then(() => passed++);
  const counts = [];
  for (let i = 0; i < 4; i++) {
    await clock.advance(i === 0 ? 0 : 100);
    counts.push(passed);
  }
  assert.deepEqual(counts, [3, 4, 5, 6]);
});

Deno.test("accessOf: another context, or its parts, can be chosen, and whom to act for", () => {
  const text = JSON.stringify({
    "current-context": "one",
    contexts: [
      { name: "one", context: { cluster: "first", user: "anna" } },
      { name: "two", context: { cluster: "second", user: "bert" } },
    ],
    clusters: [
      { name: "first", cluster: { server: "https://10.0.0.1" } },
      { name: "second", cluster: { server: "https://10.0.0.2" } },
    ],
    users: [
      { name: "anna", user: { token: "a", as: "root" } },
      { name: "bert", user: { token: "b" } },
    ],
  });
  const chosen = (choice: Parameters<typeof accessOf>[1]) => {
    const { server, identity, headers } = accessOf([{ path: "/home/config", text }], choice);
    return [server, identity.kind === "token" && identity.token, headers["impersonate-user"]];
  };
  assert.deepEqual(chosen({}), ["https://10.0.0.1", "a", "root"]);
  assert.deepEqual(chosen({ context: "two" }), ["https://10.0.0.2", "b", undefined]);
  assert.deepEqual(chosen({ cluster: "second" }), ["https://10.0.0.2", "a", "root"]);
  assert.deepEqual(chosen({ user: "bert", as: "eve" }), ["https://10.0.0.1", "b", "eve"]);
  assert.throws(
    () => chosen({ context: "tow" }),
    /context "tow" is not there, did you mean "two"\?/,
  );
});
