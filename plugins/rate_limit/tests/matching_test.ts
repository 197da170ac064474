/**
 * Which limit a descriptor falls under, and what comes of it: the documented configurations of the
 * reference service and its rules, each as requests and their answers.
 */
import assert from "node:assert/strict";
import type { AnswerOptions, CompileOptions } from "../mod.ts";
import { askedService } from "./asked.ts";

interface Case {
  readonly name: string;
  readonly config: string;
  readonly options?: Partial<CompileOptions> & { readonly answers?: Partial<AnswerOptions> };
  /** Requests with their answers, in order; `3x` before one asks so often and shows the last answer. */
  readonly asked: readonly (readonly [request: string, answer: string])[];
}

/** A limit in one line. */
const per = (unit: string, requests: number, more = "") =>
  `rate_limit: {unit: ${unit}, requests_per_unit: ${requests}${more}}`;

/** Descriptors of the domain `d`. */
const of = (...descriptors: readonly string[]) =>
  `domain: d\ndescriptors:\n${descriptors.map((each) => `- {${each}}\n`).join("")}`;

const databases = `
domain: mongo_cps
descriptors:
  - key: database
    value: users
    rate_limit: {unit: second, requests_per_unit: 500}
  - key: database
    value: default
    rate_limit: {unit: second, requests_per_unit: 500}
`;

const messaging = `
domain: messaging
descriptors:
  - key: message_type
    value: marketing
    descriptors:
      - key: to_number
        rate_limit: {unit: day, requests_per_unit: 5}
  - key: to_number
    rate_limit: {unit: day, requests_per_unit: 100}
`;

const addresses = `
domain: edge_proxy_per_ip
descriptors:
  - key: remote_address
    rate_limit: {unit: second, requests_per_unit: 10}
  - key: remote_address
    value: 50.0.0.5
  - key: remote_address
    value: 50.0.0.6
    rate_limit: {unit: second, requests_per_unit: 0}
`;

const replaced = `
domain: d
descriptors:
  - key: tier
    value: gold
    rate_limit: {unit: minute, requests_per_unit: 9, name: gold, replaces: [{name: plain}]}
  - key: tier
    value: free
    rate_limit: {unlimited: true, name: free, replaces: [{name: plain}, {name: gold}]}
  - key: user
    rate_limit: {unit: minute, requests_per_unit: 2, name: plain}
  - key: path
    rate_limit: {unit: minute, requests_per_unit: 4}
`;

const quotas = of(
  `key: a, quota_mode: true, ${per("minute", 1)}`,
  `key: b, quota_mode: true, ${per("minute", 2)}`,
  `key: c, ${per("minute", 3)}`,
);

const cases: readonly Case[] = [
  {
    name: "two databases, each with its limit",
    config: databases,
    asked: [
      ["mongo_cps: database=users", "OK: 499 of 500/second"],
      ["mongo_cps: database=default", "OK: 499 of 500/second"],
      ["mongo_cps: database=users", "OK: 498 of 500/second"],
    ],
  },
  {
    name: "a value that is not configured has no limit",
    config: databases,
    asked: [["mongo_cps: database=other", "OK: none"]],
  },
  {
    name: "messages: five of marketing to a number, a hundred in all",
    config: messaging,
    asked: [
      [
        "messaging: message_type=marketing,to_number=2061111111; to_number=2061111111",
        "OK: 4 of 5/day; 99 of 100/day",
      ],
      [
        "5x messaging: message_type=marketing,to_number=2061111111; to_number=2061111111",
        "OVER: OVER of 5/day; 94 of 100/day",
      ],
      [
        "messaging: message_type=alert,to_number=2061111111; to_number=2061111111",
        "OK: none; 93 of 100/day",
      ],
    ],
  },
  {
    name: "each value of a bare key is counted by itself",
    config: messaging,
    asked: [
      ["messaging: to_number=1", "OK: 99 of 100/day"],
      ["messaging: to_number=2", "OK: 99 of 100/day"],
      ["messaging: to_number=1", "OK: 98 of 100/day"],
    ],
  },
  {
    name: "any address, but for one that is let through and one that is banned",
    config: addresses,
    asked: [
      ["edge_proxy_per_ip: remote_address=50.0.0.1", "OK: 9 of 10/second"],
      ["20x edge_proxy_per_ip: remote_address=50.0.0.5", "OK: none"],
      ["edge_proxy_per_ip: remote_address=50.0.0.6", "OVER: OVER of 0/second"],
    ],
  },
  {
    name: "a domain of nobody has no limits",
    config: databases,
    asked: [["other: database=users", "OK: none"]],
  },
  {
    name: "without a domain nothing is answered",
    config: databases,
    asked: [[": database=users", "refused: rate limit domain must not be empty"]],
  },
  {
    name: "without a descriptor nothing is answered",
    config: databases,
    asked: [["mongo_cps: ", "refused: rate limit descriptor list must not be empty"]],
  },
  {
    name: "the exact value goes before the bare key, wherever it stands",
    config: of(`key: a, ${per("day", 7)}`, `key: a, value: x, ${per("day", 3)}`),
    asked: [["a=x", "OK: 2 of 3/day"], ["a=y", "OK: 6 of 7/day"]],
  },
  {
    name: "a limit is only for descriptors that end there",
    config: of(`key: a, ${per("day", 7)}`),
    asked: [["a=x", "OK: 6 of 7/day"], ["a=x,b=y", "OK: none"]],
  },
  {
    name: "a limit above and one below are apart",
    config: of(`key: a, ${per("day", 7)}, descriptors: [{key: b, ${per("day", 3)}}]`),
    asked: [["a=x", "OK: 6 of 7/day"], ["a=x,b=y", "OK: 2 of 3/day"], ["a=x", "OK: 5 of 7/day"]],
  },
  {
    name: "a descriptor that ends too early has no limit",
    config: of(`key: a, descriptors: [{key: b, ${per("day", 3)}}]`),
    asked: [["a=x", "OK: none"]],
  },
  {
    name: "entries are looked at in their order",
    config: of(`key: a, descriptors: [{key: b, ${per("day", 3)}}]`),
    asked: [["b=y,a=x", "OK: none"], ["a=x,b=y", "OK: 2 of 3/day"]],
  },
  {
    name: "an entry in the middle cannot be left out",
    config: of(`key: a, descriptors: [{key: b, descriptors: [{key: c, ${per("day", 3)}}]}]`),
    asked: [["a=x,c=z", "OK: none"], ["a=x,b=y,c=z", "OK: 2 of 3/day"]],
  },
  {
    name: "there is no way back: the exact value hides what stands below the bare key",
    config: of("key: a, value: x", `key: a, descriptors: [{key: b, ${per("day", 3)}}]`),
    asked: [["a=x,b=y", "OK: none"], ["a=z,b=y", "OK: 2 of 3/day"]],
  },
  {
    name: "what is counted below a bare key is counted for each value",
    config: of(`key: a, descriptors: [{key: b, value: y, ${per("day", 3)}}]`),
    asked: [
      ["a=1,b=y", "OK: 2 of 3/day"],
      ["a=2,b=y", "OK: 2 of 3/day"],
      ["a=1,b=y", "OK: 1 of 3/day"],
    ],
  },
  {
    name: "texts that are made of key and value alike are alike",
    config: of(`key: a, value: b_c, ${per("day", 3)}`),
    asked: [["a=b_c", "OK: 2 of 3/day"], ["a_b=c", "OK: 1 of 3/day"]],
  },
  {
    name: "values of two bare keys are not run together",
    config: of(`key: a, descriptors: [{key: b, ${per("day", 3)}}]`),
    asked: [["a=1|b_2,b=3", "OK: 2 of 3/day"], ["a=1,b=2|b_3", "OK: 2 of 3/day"]],
  },
  {
    name: "a bare key takes the empty value",
    config: of(`key: a, ${per("day", 3)}`),
    asked: [["a=", "OK: 2 of 3/day"], ["a=x", "OK: 2 of 3/day"]],
  },
  {
    name: "a wildcard takes values with its beginning",
    config: of(`key: path, value: "files*", ${per("day", 3)}`),
    asked: [
      ["path=files/a", "OK: 2 of 3/day"],
      ["path=files", "OK: 2 of 3/day"],
      ["path=/files", "OK: none"],
    ],
  },
  {
    name: "each value that a wildcard takes is counted by itself",
    config: of(`key: path, value: "files*", ${per("day", 3)}`),
    asked: [
      ["path=files/a", "OK: 2 of 3/day"],
      ["path=files/b", "OK: 2 of 3/day"],
      ["path=files/a", "OK: 1 of 3/day"],
    ],
  },
  {
    name: "with a shared threshold they are counted together",
    config: of(`key: path, value: "files*", share_threshold: true, ${per("day", 3)}`),
    asked: [
      ["path=files/a", "OK: 2 of 3/day"],
      ["path=files/b", "OK: 1 of 3/day"],
      ["path=files/c", "OK: 0 of 3/day"],
      ["path=files/d", "OVER: OVER of 3/day"],
    ],
  },
  {
    name: "a shared threshold above keeps the values below apart",
    config: of(
      `key: path, value: "f*", share_threshold: true, descriptors: [{key: user, ${per("day", 3)}}]`,
    ),
    asked: [
      ["path=f1,user=a", "OK: 2 of 3/day"],
      ["path=f2,user=a", "OK: 1 of 3/day"],
      ["path=f2,user=b", "OK: 2 of 3/day"],
    ],
  },
  {
    name: "a wildcard takes values with its end",
    config: of(`key: file, value: "*.png", ${per("day", 3)}`),
    asked: [["file=a.png", "OK: 2 of 3/day"], ["file=a.png.gz", "OK: none"]],
  },
  {
    name: "a wildcard in the middle, and several",
    config: of(
      `key: path, value: "/a/*/c", ${per("day", 3)}`,
      `key: path, value: "/x/*/y/*", ${per("day", 5)}`,
    ),
    asked: [
      ["path=/a/b/c", "OK: 2 of 3/day"],
      ["path=/a/c", "OK: none"],
      ["path=/x/1/y/2", "OK: 4 of 5/day"],
      ["path=/x/1/2", "OK: none"],
    ],
  },
  {
    name: "the parts of a wildcard do not overlap",
    config: of(`key: p, value: "aba*ba", ${per("day", 3)}`),
    asked: [["p=aba", "OK: none"], ["p=ababa", "OK: 2 of 3/day"]],
  },
  {
    name: "a wildcard takes whatever there is, nothing included",
    config: of(`key: a, value: "*", ${per("day", 3)}`),
    asked: [["a=", "OK: 2 of 3/day"], ["a=anything", "OK: 2 of 3/day"]],
  },
  {
    name: "a wildcard in the key",
    config: of(`key: "rule-*", value: x, ${per("day", 3)}`),
    asked: [["rule-1=x", "OK: 2 of 3/day"], ["rule-1=y", "OK: none"], ["rule=x", "OK: none"]],
  },
  {
    name: "of several wildcards the first in the file",
    config: of(`key: a, value: "x*", ${per("day", 3)}`, `key: a, value: "xy*", ${per("day", 5)}`),
    asked: [["a=xyz", "OK: 2 of 3/day"]],
  },
  {
    name: "the exact value goes before wildcards, and these before the bare key",
    config: of(
      `key: a, ${per("day", 3)}`,
      `key: a, value: "x*", ${per("day", 5)}`,
      `key: a, value: xy, ${per("day", 7)}`,
    ),
    asked: [["a=xy", "OK: 6 of 7/day"], ["a=xz", "OK: 4 of 5/day"], ["a=z", "OK: 2 of 3/day"]],
  },
  {
    name: "a wildcard without children hides the bare key that has some",
    config: of(
      `key: a, value: "x*", ${per("day", 3)}`,
      `key: a, descriptors: [{key: b, ${per("day", 5)}}]`,
    ),
    asked: [["a=x1,b=y", "OK: none"], ["a=z,b=y", "OK: 4 of 5/day"]],
  },
  {
    name: "levels below a wildcard",
    config: of(`key: a, value: "x*", descriptors: [{key: b, value: y, ${per("day", 3)}}]`),
    asked: [["a=x1,b=y", "OK: 2 of 3/day"], ["a=x2,b=y", "OK: 2 of 3/day"], [
      "a=z,b=y",
      "OK: none",
    ]],
  },
  {
    name: "unlimited",
    config: of("key: a, rate_limit: {unlimited: true}"),
    asked: [["50x a=x", "OK: unlimited"], ["a=x +4000", "OK: unlimited"]],
  },
  {
    name: "unlimited for one value",
    config: of(`key: a, ${per("day", 1)}`, "key: a, value: vip, rate_limit: {unlimited: true}"),
    asked: [["9x a=vip", "OK: unlimited"], ["2x a=x", "OVER: OVER of 1/day"]],
  },
  {
    name: "no number is zero",
    config: of("key: a, rate_limit: {unit: day}"),
    asked: [["a=x", "OVER: OVER of 0/day"]],
  },
  {
    name: "any descriptor that is over makes the request over, and all are counted",
    config: of(`key: a, ${per("day", 1)}`, `key: b, ${per("day", 9)}`),
    asked: [
      ["a=x; b=x", "OK: 0 of 1/day; 8 of 9/day"],
      ["a=x; b=x", "OVER: OVER of 1/day; 7 of 9/day"],
    ],
  },
  {
    name: "the same descriptor twice is counted twice",
    config: of(`key: a, ${per("day", 9)}`),
    asked: [["a=x; a=x", "OK: 8 of 9/day; 7 of 9/day"]],
  },
  {
    name: "shadow mode counts and lets through",
    config: of(`key: a, shadow_mode: true, ${per("day", 1)}`),
    asked: [["a=x", "OK: 0 of 1/day"], ["a=x", "OK: 0 of 1/day"]],
  },
  {
    name: "shadow mode of one descriptor does not help another",
    config: of(`key: a, shadow_mode: true, ${per("day", 1)}`, `key: b, ${per("day", 1)}`),
    asked: [["2x a=x; b=x", "OVER: 0 of 1/day; OVER of 1/day"]],
  },
  {
    name: "shadow mode of the service lets through whatever is over",
    config: of(`key: a, ${per("day", 1)}`),
    options: { answers: { shadowMode: true } },
    asked: [["2x a=x", "OK: OVER of 1/day"]],
  },
  {
    name: "a limit replaces another of the same request",
    config: replaced,
    asked: [
      ["tier=gold; user=u", "OK: 8 of 9/minute (gold); none"],
      ["3x tier=gold; user=u", "OK: 5 of 9/minute (gold); none"],
      ["user=u", "OK: 1 of 2/minute (plain)"],
    ],
  },
  {
    name: "the order of descriptors does not matter to what is replaced",
    config: replaced,
    asked: [["user=u; tier=gold", "OK: none; 8 of 9/minute (gold)"]],
  },
  {
    name: "only limits of that name are replaced",
    config: replaced,
    asked: [["tier=gold; path=/; user=u", "OK: 8 of 9/minute (gold); 3 of 4/minute; none"]],
  },
  {
    name: "an unlimited one replaces as well",
    config: replaced,
    asked: [["tier=free; user=u; path=/", "OK: unlimited; none; 3 of 4/minute"]],
  },
  {
    name: "one that is replaced itself still replaces",
    config: replaced,
    asked: [["tier=free; tier=gold; user=u", "OK: unlimited; none; none"]],
  },
  {
    name: "quotas: over when all of them are",
    config: quotas,
    asked: [
      ["a=x; b=x", "OK: 0 of 1/minute; 1 of 2/minute"],
      ["a=x; b=x", "OK: OVER of 1/minute; 0 of 2/minute"],
      ["a=x; b=x", "OVER: OVER of 1/minute; OVER of 2/minute"],
    ],
  },
  {
    name: "a quota alone is over by itself",
    config: quotas,
    asked: [["2x a=x", "OVER: OVER of 1/minute"]],
  },
  {
    name: "a limit that is no quota is over whatever the quotas are",
    config: quotas,
    asked: [["4x a=x; b=x (0); c=x", "OVER: OVER of 1/minute; 2 of 2/minute; OVER of 3/minute"]],
  },
  {
    name: "a descriptor without a limit does not count among quotas",
    config: quotas,
    asked: [["2x a=x; z=x", "OVER: OVER of 1/minute; none"]],
  },
  {
    name: "quota mode of the service: all descriptors are quotas, those without a limit pass",
    config: quotas,
    options: { answers: { quotaMode: true } },
    asked: [
      ["4x a=x; c=x", "OVER: OVER of 1/minute; OVER of 3/minute"],
      ["2x a=y; z=x", "OK: OVER of 1/minute; none"],
    ],
  },
  {
    name: "hits of a request",
    config: of(`key: a, ${per("day", 20)}`),
    asked: [
      ["a=x +3", "OK: 17 of 20/day"],
      ["a=x +0", "OK: 16 of 20/day"],
      ["a=x +16", "OK: 0 of 20/day"],
      ["a=x", "OVER: OVER of 20/day"],
    ],
  },
  {
    name: "hits of a descriptor go before those of the request",
    config: of(`key: a, ${per("day", 20)}`, `key: b, ${per("day", 20)}`),
    asked: [["a=x (5); b=x +2", "OK: 15 of 20/day; 18 of 20/day"]],
  },
  {
    name: "no hits of a descriptor only ask",
    config: of(`key: a, ${per("day", 2)}`),
    asked: [
      ["a=x (0)", "OK: 2 of 2/day"],
      ["2x a=x", "OK: 0 of 2/day"],
      ["a=x (0)", "OK: 0 of 2/day"],
      ["a=x", "OVER: OVER of 2/day"],
    ],
  },
  {
    name: "hits that are given back",
    config: of(`key: a, ${per("day", 5)}`),
    asked: [
      ["4x a=x", "OK: 1 of 5/day"],
      ["a=x (-2)", "OK: 3 of 5/day"],
      ["a=x (-9)", "OK: 5 of 5/day"],
    ],
  },
  {
    name: "in a fixed window hits that are refused count too",
    config: of(`key: a, ${per("day", 5)}`),
    asked: [["a=x +6", "OVER: OVER of 5/day"], ["a=x", "OVER: OVER of 5/day"]],
  },
  {
    name: "by gcra they do not",
    config: of(`key: a, ${per("day", 5)}`),
    options: { algorithm: "gcra" },
    asked: [["a=x +6", "OVER: OVER of 5/day"], ["a=x", "OK: 4 of 5/day"]],
  },
  {
    name: "by a sliding window they do not",
    config: of(`key: a, ${per("day", 5)}`),
    options: { algorithm: "sliding_window" },
    asked: [["a=x +6", "OVER: OVER of 5/day"], ["a=x", "OK: 4 of 5/day"]],
  },
  {
    name: "a limit names its algorithm",
    config: of(`key: a, ${per("day", 5, ", algorithm: gcra, burst: 2")}`),
    asked: [["a=x", "OK: 1 of 5/day"], ["a=x", "OK: 0 of 5/day"], ["a=x", "OVER: OVER of 5/day"]],
  },
  {
    name: "a window of several units",
    config: of(`key: a, ${per("minute", 5, ", unit_multiplier: 10")}`),
    asked: [["a=x", "OK: 4 of 5/10 minute"]],
  },
  {
    name: "concurrency: what ends makes room",
    config: of(`key: a, ${per("minute", 2, ", algorithm: concurrency")}`),
    asked: [
      ["2x a=x", "OK: 0 of 2/minute"],
      ["a=x", "OVER: OVER of 2/minute"],
      // The one that is refused ends too.
      ["2x a=x (-1)", "OK: 1 of 2/minute"],
      ["a=x", "OK: 0 of 2/minute"],
    ],
  },
  {
    name: "a limit that is brought along takes the place of the configured one",
    config: of(`key: a, ${per("day", 5)}`),
    asked: [
      ["a=x [2/minute]", "OK: 1 of 2/minute"],
      ["a=x [2/minute]", "OK: 0 of 2/minute"],
      ["a=x [2/minute]", "OVER: OVER of 2/minute"],
      ["a=x", "OK: 4 of 5/day"],
    ],
  },
  {
    name: "a limit that is brought along finds used what others of its unit have used",
    config: of(`key: a, value: x, ${per("day", 5)}`),
    asked: [
      ["2x a=x", "OK: 3 of 5/day"],
      ["a=x [9/day]", "OK: 6 of 9/day"],
      ["a=x [4/day]", "OK: 0 of 4/day"],
      ["a=x", "OK: 0 of 5/day"],
      ["a=y [9/day]", "OK: 8 of 9/day"],
      ["a=y [2/day]", "OK: 0 of 2/day"],
    ],
  },
  {
    name: "a value is not counted with a key that makes the same text",
    config: of(`key: a, value: b, ${per("day", 5)}`),
    asked: [["a=b", "OK: 4 of 5/day"], ["a_b=c", "OK: 4 of 5/day"], ["a_b=d", "OK: 4 of 5/day"]],
  },
  {
    name: "a limit that is brought along needs no configured one",
    config: of("key: a"),
    asked: [["b=x,c=y [7/hour]", "OK: 6 of 7/hour"]],
  },
  {
    name: "a limit that is brought along, with a unit that is none",
    config: of("key: a"),
    asked: [[
      "a=x [7/unknown]",
      "refused: the limit of a descriptor has the unit 0, which is none",
    ]],
  },
  {
    name: "a limit that is brought along is neither shadow nor quota",
    config: of(`key: a, shadow_mode: true, quota_mode: true, ${per("day", 5)}`),
    asked: [["2x a=x [1/day]", "OVER: OVER of 1/day"]],
  },
  {
    name: "a limit that is brought along in a domain of nobody has no effect",
    config: of("key: a"),
    asked: [["other: a=x [0/day]", "OK: none"]],
  },
  ...["second", "minute", "hour", "day", "week", "month", "year"].map((unit): Case => ({
    name: `the unit ${unit}`,
    config: of(`key: a, ${per(unit, 1)}`),
    asked: [["a=x", `OK: 0 of 1/${unit}`], ["a=x", `OVER: OVER of 1/${unit}`]],
  })),
  {
    name: "deep levels",
    config: of(
      `key: a, descriptors: [{key: b, value: 1, descriptors: [{key: c, descriptors: [{key: d, ${
        per("day", 3)
      }}]}]}]`,
    ),
    asked: [["a=x,b=1,c=y,d=z", "OK: 2 of 3/day"], ["a=x,b=2,c=y,d=z", "OK: none"]],
  },
  {
    name: "values that look like parts of objects",
    config: of(`key: __proto__, value: constructor, ${per("day", 3)}`),
    asked: [["__proto__=constructor", "OK: 2 of 3/day"], ["constructor=__proto__", "OK: none"]],
  },
];

for (const { name, config, options, asked } of cases) {
  Deno.test(`limits: ${name}`, async () => {
    const service = askedService(config, options);
    for (const [line, expected] of asked) {
      const [, times = "1", request = ""] = /^(?:(\d+)x )?(.*)$/.exec(line) ?? [];
      let answer = "";
      for (let i = 0; i < Number(times); i++) answer = await service.ask(request);
      assert.equal(answer, expected, line);
    }
  });
}

Deno.test("limits: there are at least as many cases as were promised", () => {
  assert.ok(cases.length >= 60, String(cases.length));
});

Deno.test("limits: without any nothing is answered", async () => {
  const service = askedService({});
  assert.equal(await service.ask("a=x"), "refused: no rate limit configuration loaded");
});

Deno.test("a wildcard does not take long, whatever it is asked", async () => {
  const service = askedService(of(`key: a, value: "${"*a".repeat(200)}*b", ${per("day", 3)}`));
  const begun = performance.now();
  assert.equal(await service.ask(`a=${"a".repeat(50_000)}`), "OK: none");
  assert.ok(performance.now() - begun < 200);
});
