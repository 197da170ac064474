/** The service over the network: calls, health, reflection, pages, headers, reload, its end. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { makeAuthority, validityAround } from "../../../controller/certs/mod.ts";
import { PolicyTable } from "../mod.ts";
import { decode, encode, type Message } from "../../../proto/mod.ts";
import { eventually, within } from "../../../tests/support/wait.ts";
import { grpcClient, requestFor } from "./grpc_client.ts";
import { freePort, startRedis } from "./redis.ts";
import { startService } from "./service.ts";

const config = `
domain: shop
descriptors:
  - key: user
    rate_limit: {unit: minute, requests_per_unit: 3, name: per-user}
  - key: plan
    value: free
    rate_limit: {unit: hour, requests_per_unit: 100}
    metadata: {tier: {name: free}, cost: 1.5, tags: [a, ~, true], no: false, empty: ""}
`;

/** The code of an error of gRPC. */
async function codeOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return grpc.status.OK;
  } catch (error) {
    if (error instanceof Error && "code" in error) return Number(error.code);
    throw error;
  }
}

Deno.test("a call, its answer, and what it adds to the metrics", async () => {
  await using service = await startService(config, { now: () => 1_700_000_030_000 });
  using client = grpcClient(service.grpcPort);
  const request = requestFor("shop", { user: "alice" });
  for (const remaining of [2, 1, 0]) {
    const { overallCode, statuses } = await client.limit(request);
    assert.equal(overallCode, "OK");
    assert.deepEqual(statuses, [{
      code: "OK",
      currentLimit: { name: "per-user", requestsPerUnit: 3, unit: "MINUTE" },
      ...(remaining === 0 ? {} : { limitRemaining: remaining }),
      durationUntilReset: { seconds: 10 },
    }]);
  }
  const { overallCode, statuses } = await client.limit(request);
  assert.equal(overallCode, "OVER_LIMIT");
  assert.equal(JSON.stringify(statuses).includes("OVER_LIMIT"), true);
  const of = (name: string) =>
    service.metric(`ratelimit_service_rate_limit_${name}{domain="shop",key1="user"}`);
  assert.equal(await of("total_hits"), 4);
  assert.equal(await of("within_limit"), 3);
  assert.equal(await of("over_limit"), 1);
  assert.equal(await of("near_limit"), 1);
  assert.equal(
    await service.metric('ratelimit_service_total_requests{grpc_method="ShouldRateLimit"}'),
    4,
  );
  await client.limit(requestFor("other", { user: "alice" }));
  assert.equal(await service.metric("contour_ratelimit_domain_not_found_total"), 1);
});

Deno.test("what cannot be answered has the code of the reference", async () => {
  await using service = await startService(config);
  using client = grpcClient(service.grpcPort);
  assert.equal(await codeOf(client.limit({ domain: "" })), grpc.status.UNKNOWN);
  assert.equal(await codeOf(client.limit({ domain: "shop" })), grpc.status.UNKNOWN);
  const limit = { requestsPerUnit: 1, unit: "UNKNOWN" };
  const odd = { domain: "shop", descriptors: [{ entries: [{ key: "a", value: "b" }], limit }] };
  assert.equal(await codeOf(client.limit(odd)), grpc.status.INVALID_ARGUMENT);
  const path = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";
  assert.equal(
    await codeOf(client.call(path, Buffer.from("ff", "hex"))),
    grpc.status.INVALID_ARGUMENT,
  );
  assert.equal(await codeOf(client.call("/a.B/C", Buffer.alloc(0))), grpc.status.UNIMPLEMENTED);
  assert.equal(
    await codeOf(client.call(path, Buffer.alloc(300 << 10))),
    grpc.status.RESOURCE_EXHAUSTED,
  );
  assert.equal(
    await service.metric('ratelimit_service_should_rate_limit_error{err_type="service_error"}'),
    3,
  );
  // And whoever asks properly is answered.
  assert.equal((await client.limit(requestFor("shop", { user: "x" })))["overallCode"], "OK");
});

Deno.test("hundreds of calls at once, on one connection", async () => {
  await using service = await startService(config);
  using client = grpcClient(service.grpcPort);
  const answers = await Promise.all(
    Array.from(
      { length: 1_000 },
      (_, i) => client.limit(requestFor("shop", { user: `u${i % 100}` })),
    ),
  );
  assert.equal(answers.filter(({ overallCode }) => overallCode === "OK").length, 300);
});

Deno.test("health: asked once, listed, and followed to the end", async () => {
  const service = await startService(config);
  using client = grpcClient(service.grpcPort);
  const check = async (name: string) => {
    const request = Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]);
    return await client.call(
      "/grpc.health.v1.Health/Check",
      name === "" ? Buffer.alloc(0) : request,
    );
  };
  for (const name of ["", "ratelimit", "envoy.service.ratelimit.v3.RateLimitService"]) {
    assert.deepEqual([...await check(name)], [8, 1], name);
  }
  assert.equal(await codeOf(check("nobody")), grpc.status.NOT_FOUND);
  const list = await client.call("/grpc.health.v1.Health/List", Buffer.alloc(0));
  assert.ok(list.toString("latin1").includes("ratelimit"));
  const watch = client.open("/grpc.health.v1.Health/Watch");
  const states: number[] = [];
  watch.on("data", (bytes: Buffer) => states.push(bytes.at(1) ?? 0));
  watch.on("error", () => {});
  watch.write(Buffer.concat([Buffer.from([0x0a, 9]), Buffer.from("ratelimit")]));
  await eventually("it serves", () => states.length === 1);
  const ended = new Promise((resolve) => watch.on("end", resolve));
  await service.stop();
  await within("the call ends", ended);
  assert.deepEqual(states, [1, 2]);
  await service[Symbol.asyncDispose]();
});

Deno.test("reflection tells of services and messages", async () => {
  await using service = await startService(config);
  using client = grpcClient(service.grpcPort);
  for (const version of ["v1", "v1alpha"]) {
    const call = client.open(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);
    const answers: Buffer[] = [];
    call.on("data", (bytes: Buffer) => answers.push(bytes));
    call.on("error", () => {});
    const ask = async (field: number, text: string) => {
      const bytes = Buffer.from(text);
      call.write(Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes]));
      const count = answers.length + 1;
      await eventually("there is an answer", () => answers.length === count);
      return answers.at(-1)?.toString("latin1") ?? "";
    };
    const services = await ask(7, "*");
    assert.ok(services.includes("envoy.service.ratelimit.v3.RateLimitService"));
    assert.ok(services.includes("grpc.health.v1.Health"));
    const symbol = "envoy.service.ratelimit.v3.RateLimitRequest";
    const files = await ask(4, symbol);
    for (const name of ["rls.proto", "ratelimit_unit.proto", "struct.proto", "wrappers.proto"]) {
      assert.ok(files.includes(name), name);
    }
    assert.ok((await ask(3, "envoy/config/core/v3/base.proto")).includes("HeaderValue"));
    assert.ok((await ask(4, "nobody.Knows")).includes("There is no nobody.Knows"));
    call.end();
  }
});

Deno.test("reflection gives a file with all that it imports", async () => {
  await using service = await startService(config);
  using client = grpcClient(service.grpcPort);
  const call = client.open("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  call.on("error", () => {});
  const answer = new Promise<Buffer>((resolve) => call.on("data", resolve));
  const symbol = Buffer.from("envoy.service.ratelimit.v3.RateLimitService");
  call.write(Buffer.concat([Buffer.from([4 * 8 + 2, symbol.length]), symbol]));
  const files = filesIn(await answer);
  call.end();
  const names = files.map((file) => textAt(file, 1));
  assert.equal(new Set(names).size, names.length);
  for (const file of files) {
    for (const wanted of textsAt(file, 3)) assert.ok(names.includes(wanted), wanted);
  }
  assert.equal(names.length, 8);
});

/** The files of an answer of reflection. */
function filesIn(bytes: Uint8Array): Uint8Array[] {
  const reader = protobuf.Reader.create(bytes);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 !== 4) {
      reader.skipType(tag & 7);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) {
      reader.uint32();
      files.push(reader.bytes());
    }
  }
  return files;
}

function textsAt(bytes: Uint8Array, field: number): string[] {
  const reader = protobuf.Reader.create(bytes);
  const texts: string[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === field) texts.push(reader.string());
    else reader.skipType(tag & 7);
  }
  return texts;
}

function textAt(bytes: Uint8Array, field: number): string {
  return textsAt(bytes, field)[0] ?? "";
}

Deno.test("headers for clients, and metadata for Envoy", async () => {
  await using service = await startService(config, {
    now: () => 1_700_000_030_000,
    answers: {
      shadowMode: false,
      quotaMode: false,
      dynamicMetadata: true,
      headers: {
        rateLimit: {
          limit: "ratelimit-limit",
          remaining: "ratelimit-remaining",
          reset: "ratelimit-reset",
        },
        xRateLimit: true,
        retryAfter: true,
        rule: true,
      },
    },
  });
  using client = grpcClient(service.grpcPort);
  const both = {
    domain: "shop",
    descriptors: [
      { entries: [{ key: "plan", value: "free" }] },
      { entries: [{ key: "user", value: "a" }] },
    ],
  };
  const first = await client.limit(both);
  const headers = (message: Message) =>
    Object.fromEntries(
      (message["responseHeadersToAdd"] as { key: string; value: string }[])
        .map(({ key, value }) => [key, value]),
    );
  assert.deepEqual(headers(first), {
    "ratelimit-limit": "3",
    "ratelimit-remaining": "2",
    "ratelimit-reset": "10",
    "x-ratelimit-limit": '3, 100;w=3600, 3;w=60;name="per-user"',
    "x-ratelimit-remaining": "2",
    "x-ratelimit-reset": "10",
    "x-ratelimit-rule": "per-user",
  });
  const metadata = JSON.stringify(first["dynamicMetadata"]);
  for (const part of ["shop", "plan=free", "user=a", "per-user", "tier", "tags"]) {
    assert.ok(metadata.includes(part), part);
  }
  for (let i = 0; i < 3; i++) await client.limit(both);
  const over = headers(await client.limit(both));
  assert.equal(over["retry-after"], "10");
  assert.equal(over["x-ratelimit-remaining"], "0");
  // What is written by hand is what the types of Envoy write.
  const type = "envoy.service.ratelimit.v3.RateLimitResponse";
  assert.deepEqual(decode(type, encode(type, first)), first);
});

Deno.test("JSON over HTTP, as the reference has it", async () => {
  await using service = await startService(config, { now: () => 1_700_000_030_000 });
  const ask = (body: unknown) => service.page("/json", JSON.stringify(body));
  const camel = {
    domain: "shop",
    descriptors: [{ entries: [{ key: "user", value: "a" }] }],
    hitsAddend: 2,
  };
  assert.deepEqual(await ask(camel), {
    status: 200,
    body: JSON.stringify({
      overallCode: "OK",
      statuses: [{
        code: "OK",
        currentLimit: { name: "per-user", requestsPerUnit: 3, unit: "MINUTE" },
        limitRemaining: 1,
        durationUntilReset: "10s",
      }],
    }),
  });
  const snake = { ...camel, hitsAddend: undefined, hits_addend: "2" };
  assert.equal((await ask(snake)).status, 429);
  const override = {
    domain: "shop",
    descriptors: [{
      entries: [{ key: "user", value: "a" }],
      limit: { requestsPerUnit: 9, unit: "HOUR" },
      hits_addend: 4,
    }],
  };
  assert.match((await ask(override)).body, /"limitRemaining":5/);
  for (
    const wrong of [
      "no JSON",
      "[]",
      '{"domain":"shop","colour":"red"}',
      '{"domain":"shop"}',
      '{"domain":"shop","descriptors":[{"limit":{"unit":"FORTNIGHT"}}]}',
    ]
  ) {
    const { status, body } = await service.page("/json", wrong);
    assert.equal(status, 400, wrong);
    assert.match(body, /^Bad Request: /);
  }
  assert.equal((await service.page("/json", `{"domain":"${"x".repeat(300_000)}"}`)).status, 413);
});

Deno.test("the pages of operators", async () => {
  await using service = await startService(config);
  assert.deepEqual(await service.page("/healthcheck"), { status: 200, body: "OK" });
  assert.deepEqual((await service.page("/rlconfig")).body.split("\n"), [
    "shop.user: unit=MINUTE requests_per_unit=3 algorithm=fixed_window, shadow_mode: false, quota_mode: false",
    "shop.plan_free: unit=HOUR requests_per_unit=100 algorithm=fixed_window, shadow_mode: false, quota_mode: false",
    "",
  ]);
  assert.deepEqual((await service.page("/")).body.trim().split("\n"), [
    "/healthcheck",
    "/json",
    "/rlconfig",
    "/metrics",
  ]);
  assert.equal((await service.page("/nothing")).status, 404);
});

Deno.test("a changed file is read, a broken one keeps its last good form", async () => {
  const folder = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  const of = (domain: string, requests: number | string) =>
    `domain: ${domain}\ndescriptors:\n- key: a\n  rate_limit: {unit: day, requests_per_unit: ${requests}}\n`;
  await write("one.yaml", of("one", 1));
  await write("two.yaml", of("two", 2));
  await write(".hidden.yaml", "no: good");
  await using service = await startService([folder]);
  const limits = () =>
    Object.fromEntries([...service.domains()].map(([name, { root }]) => {
      const limit = root.children.get("a")?.level.limit;
      return [name, limit?.kind === "counted" ? limit.requestsPerUnit : undefined];
    }));
  assert.deepEqual(limits(), { one: 1, two: 2 });
  await write("one.yaml", of("one", 10));
  await eventually("it is read", () => limits()["one"] === 10);
  // Broken by its text, by its rules, and by its types; the other one changes all the same.
  for (
    const [index, broken] of ["{", of("one", 1).replace("day", "moon"), of("one", '"1"')].entries()
  ) {
    await write("one.yaml", broken);
    await write("two.yaml", of("two", 20 + index));
    await eventually("the other is read", () => limits()["two"] === 20 + index);
    await eventually("it is told", () => service.problems().length === 1);
    assert.equal(limits()["one"], 10);
    assert.equal(await service.metric("contour_ratelimit_config_problems"), 1);
    assert.ok(service.log.some((line) => line.includes("one.yaml:")));
  }
  await write("one.yaml", of("one", 11));
  await eventually(
    "it is right again",
    () => limits()["one"] === 11 && service.problems().length === 0,
  );
  await Deno.remove(join(folder, "two.yaml"));
  await eventually("it is gone", () => !("two" in limits()));
  await write("three", of("three", 3));
  await eventually("a new one is found", () => limits()["three"] === 3);
});

Deno.test("files of a ConfigMap are replaced all at once, by a link", async () => {
  const folder = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const version = async (name: string, requests: number) => {
    await Deno.mkdir(join(folder, name));
    await Deno.writeTextFile(
      join(folder, name, "limits.yaml"),
      `domain: d\ndescriptors: [{key: a, rate_limit: {unit: day, requests_per_unit: ${requests}}}]`,
    );
  };
  await version("..1", 1);
  await Deno.symlink("..1", join(folder, "..data"));
  await Deno.symlink("..data/limits.yaml", join(folder, "limits.yaml"));
  await using service = await startService([folder]);
  const requests = () => {
    const limit = service.domains().get("d")?.root.children.get("a")?.level.limit;
    return limit?.kind === "counted" ? limit.requestsPerUnit : undefined;
  };
  assert.equal(requests(), 1);
  await version("..2", 2);
  await Deno.symlink("..2", join(folder, "..tmp"));
  await Deno.rename(join(folder, "..tmp"), join(folder, "..data"));
  await Deno.remove(join(folder, "..1"), { recursive: true });
  await eventually("it is read", () => requests() === 2);
});

Deno.test("counters outlive a reload", async () => {
  const folder = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const file = join(folder, "limits.yaml");
  const of = (requests: number) =>
    `domain: d\ndescriptors: [{key: a, rate_limit: {unit: day, requests_per_unit: ${requests}}}]`;
  await Deno.writeTextFile(file, of(5));
  await using service = await startService([file]);
  using client = grpcClient(service.grpcPort);
  const remaining = async () => {
    const { statuses } = await client.limit(requestFor("d", { a: "x" }));
    const [status] = statuses as { limitRemaining?: number }[];
    return status?.limitRemaining ?? 0;
  };
  assert.equal(await remaining(), 4);
  await Deno.writeTextFile(file, of(10));
  await eventually(
    "it is read",
    () => service.log.filter((line) => line.includes("read the")).length === 2,
  );
  assert.equal(await remaining(), 8);
});

Deno.test("domains that somebody else keeps stand beside those of files", async () => {
  const policies = new PolicyTable("own", {
    algorithm: "gcra",
    mergeDomains: false,
    nearLimitRatio: 0.8,
  });
  await using service = await startService(config, { domains: [policies.domain] });
  const keys = (domain: string) => [
    ...service.domains().get(domain)?.root.children.keys() ?? [],
  ];
  const limited = { key: "x", rate_limit: { unit: "day" } };
  assert.deepEqual(policies.set("team-a/login", [limited]), []);
  assert.deepEqual([keys("shop"), keys("own")], [["user", "plan_free"], ["x"]]);
  policies.delete("team-a/login");
  assert.deepEqual(keys("own"), []);
});

Deno.test("while Redis is away, the choice is answered, and told", async () => {
  const limits =
    "domain: d\ndescriptors: [{key: a, rate_limit: {unit: day, requests_per_unit: 2}}]";
  const place = { kind: "single", host: "127.0.0.1", port: freePort() } as const;
  const expected = {
    error: [grpc.status.UNAVAILABLE],
    open: ["OK", "OK", "OK"],
    closed: ["OVER_LIMIT"],
    memory: ["OK", "OK", "OVER_LIMIT"],
  } as const;
  for (const [choice, answers] of Object.entries(expected)) {
    await using service = await startService(limits, {
      store: { kind: "redis", place },
      onStoreFailure: choice as keyof typeof expected,
    });
    using client = grpcClient(service.grpcPort);
    for (const answer of answers) {
      const call = client.limit(requestFor("d", { a: "x" }));
      if (typeof answer === "number") assert.equal(await codeOf(call), answer);
      else assert.equal((await call)["overallCode"], answer, choice);
    }
    assert.equal(await service.metric('contour_ratelimit_store_up{store="redis"}'), 0);
    assert.equal(
      await service.metric(`contour_ratelimit_store_failures_total{answer="${choice}"}`),
      answers.length,
    );
    const { status } = await service.page("/healthcheck");
    assert.equal(status, choice === "error" ? 500 : 200, choice);
    await eventually(
      "it is logged",
      () =>
        service.log.some((line) =>
          line.includes("cannot reach Redis") && line.includes("ECONNREFUSED")
        ),
    );
    // What needs no counter is answered all the same.
    assert.equal((await client.limit(requestFor("d", { b: "x" })))["overallCode"], "OK");
  }
});

Deno.test("Redis goes and comes back under load, and every call has an answer", async () => {
  await using redis = await startRedis();
  await using service = await startService(
    "domain: d\ndescriptors: [{key: a, rate_limit: {unit: day, requests_per_unit: 1000000}}]",
    {
      store: {
        kind: "redis",
        place: { kind: "single", host: "127.0.0.1", port: redis.port },
        timeoutMs: 200,
      },
      onStoreFailure: "open",
    },
  );
  using client = grpcClient(service.grpcPort);
  const counted = async () =>
    await service.metric('ratelimit_service_rate_limit_total_hits{domain="d",key1="a"}') ?? 0;
  let isOver = false;
  let answers = 0;
  const load = Promise.all(Array.from({ length: 8 }, async () => {
    while (!isOver) {
      assert.equal((await client.limit(requestFor("d", { a: "x" })))["overallCode"], "OK");
      answers++;
    }
  }));
  const more = async (what: string) => {
    const before = answers;
    await eventually(what, () => answers > before + 200);
  };
  await eventually("hits are counted", async () => await counted() > 100);
  await redis.kill();
  await more("calls are answered without Redis");
  assert.ok(
    (await service.metric('contour_ratelimit_store_failures_total{answer="open"}') ?? 0) > 0,
  );
  await redis.restart();
  const before = await counted();
  await eventually("hits are counted again", async () => await counted() > before + 100);
  isOver = true;
  await load;
});

Deno.test("over TLS, with certificates on both sides", async () => {
  const common = { validity: validityAround(new Date(), 1), algorithm: "ecdsa" } as const;
  const authority = await makeAuthority({ commonName: "Test CA", ...common });
  const [ours, theirs] = await Promise.all([
    authority.issue({ dnsNames: ["localhost"], ...common }),
    authority.issue({ dnsNames: ["envoy"], ...common }),
  ]);
  const folder = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const files = {
    "ca.pem": authority.certificate,
    "cert.pem": ours.certificate,
    "key.pem": ours.privateKey,
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  const file = (name: string) => join(folder, name);
  const tls = { caFile: file("ca.pem"), certFile: file("cert.pem"), keyFile: file("key.pem") };
  await using service = await startService(config, {
    grpc: { kind: "tcp", address: "127.0.0.1", port: 0, tls },
  });
  const ca = Buffer.from(authority.certificate);
  const target = `localhost:${service.grpcPort}`;
  {
    using client = grpcClient(
      target,
      grpc.credentials.createSsl(
        ca,
        Buffer.from(theirs.privateKey),
        Buffer.from(theirs.certificate),
      ),
    );
    assert.equal((await client.limit(requestFor("shop", { user: "a" })))["overallCode"], "OK");
  }
  using stranger = grpcClient(target, grpc.credentials.createSsl(ca));
  const deadline = { deadline: Date.now() + 1_000 };
  assert.notEqual(
    await codeOf(stranger.limit(requestFor("shop", { user: "a" }), deadline)),
    grpc.status.OK,
  );
});

Deno.test("on a Unix socket", async () => {
  const folder = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  await using _service = await startService(config, {
    grpc: { kind: "socket", path: join(folder, "limits.sock") },
  });
  using client = grpcClient(`unix:${join(folder, "limits.sock")}`);
  assert.equal((await client.limit(requestFor("shop", { user: "a" })))["overallCode"], "OK");
});

Deno.test("it ends without losing a call", async () => {
  const service = await startService(config);
  using client = grpcClient(service.grpcPort);
  let isStopping = false;
  const answers = Promise.all(Array.from({ length: 8 }, async () => {
    let count = 0;
    while (!isStopping) {
      assert.equal(
        await codeOf(client.limit(requestFor("shop", { plan: "free" }))),
        grpc.status.OK,
      );
      count++;
    }
    return count;
  }));
  await eventually(
    "there is load",
    async () =>
      (await service.metric('ratelimit_service_total_requests{grpc_method="ShouldRateLimit"}') ??
        0) > 50,
  );
  isStopping = true;
  const ended = service.stop();
  assert.ok((await answers).every((count) => count > 0));
  await within("it ends", ended, 4_000);
  await service[Symbol.asyncDispose]();
});

Deno.test("an address that is taken is told", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await assert.rejects(
    startService(config, { grpc: { kind: "tcp", address: "127.0.0.1", port } }),
    /^Error: Cannot listen on 127\.0\.0\.1:\d+ for gRPC: the address is in use$/,
  );
  await assert.rejects(
    startService(config, { http: { address: "127.0.0.1", port } }),
    /^Error: Cannot listen on 127\.0\.0\.1:\d+ for HTTP: the address is in use$/,
  );
});
