import type { Case } from "../case.ts";

/** Each operation, both ways, with and without what it is about. */
export const operations: readonly Case[] = [
  {
    name: "set replaces all values",
    policy: `request: [{ set: { name: X-A, value: new } }]
response: [{ set: { name: X-B, value: new } }]`,
    asks: [
      { sees: { "x-a": "new" }, gets: { "x-b": "new" } },
      {
        headers: { "x-a": ["1", "2"] },
        reply: { "x-b": ["1", "2"] },
        sees: { "x-a": "new" },
        gets: { "x-b": "new" },
      },
    ],
  },
  {
    name: "add keeps the values that are there",
    policy: `request: [{ add: { name: x-a, value: new } }, { add: { name: x-a, value: newer } }]
response: [{ add: { name: x-b, value: new } }, { add: { name: set-cookie, value: c=3 } }]`,
    asks: [
      { sees: { "x-a": ["new", "newer"] }, gets: { "x-b": "new", "set-cookie": "c=3" } },
      {
        headers: { "x-a": ["1", "2"] },
        reply: { "x-b": ["1", "2"], "set-cookie": ["a=1", "b=2"] },
        sees: { "x-a": ["1", "2", "new", "newer"] },
        gets: { "x-b": "1, 2, new", "set-cookie": "a=1, b=2, c=3" },
      },
    ],
  },
  {
    name: "addIfAbsent and replace",
    policy: `request:
  - addIfAbsent: { name: x-a, value: new }
  - replace: { name: x-r, value: new }
response:
  - addIfAbsent: { name: x-b, value: new }
  - replace: { name: x-s, value: new }`,
    asks: [
      {
        sees: { "x-a": "new", "x-r": undefined },
        gets: { "x-b": "new", "x-s": undefined },
      },
      {
        headers: { "x-a": "old", "x-r": ["old", "older"] },
        reply: { "x-b": "old", "x-s": "old" },
        sees: { "x-a": "old", "x-r": "new" },
        gets: { "x-b": "old", "x-s": "new" },
      },
    ],
  },
  {
    name: "copy takes all values",
    policy: `request:
  - copy: { from: x-a, to: x-b }
  - copy: { from: x-a, to: x-c, existing: append }
  - copy: { from: x-a, to: x-d, existing: keep }
  - copy: { from: Host, to: x-host }
  - copy: { from: ":method", to: x-method }
response:
  - copy: { from: x-a, to: x-b }`,
    asks: [
      {
        headers: { "x-b": "b", "x-c": "c", "x-d": "d" },
        sees: {
          "x-a": undefined,
          "x-b": "b",
          "x-c": "c",
          "x-d": "d",
          "x-host": "copy-takes-all-values.policies.test",
          "x-method": "GET",
        },
        gets: { "x-b": undefined },
      },
      {
        headers: { "x-a": ["1", "2"], "x-b": "b", "x-c": "c", "x-d": "d" },
        reply: { "x-a": ["3", "4"] },
        sees: { "x-a": ["1", "2"], "x-b": "1,2", "x-c": ["c", "1,2"], "x-d": "d" },
        gets: { "x-a": "3, 4", "x-b": "3,4" },
      },
      { headers: { "x-a": "1" }, sees: { "x-b": "1", "x-c": "1", "x-d": "1" } },
    ],
  },
  {
    name: "rename and move",
    policy: `request:
  - rename: { from: x-old, to: x-new }
  - move: { from: x-more, to: x-all }
response:
  - rename: { from: x-old, to: x-new }
  - move: { from: x-more, to: x-all }`,
    asks: [
      {
        headers: { "x-new": "n", "x-all": "a" },
        reply: { "x-new": "n", "x-all": "a" },
        sees: { "x-new": "n", "x-all": "a" },
        gets: { "x-new": "n", "x-all": "a" },
      },
      {
        headers: { "x-old": ["1", "2"], "x-new": "n", "x-more": "m", "x-all": "a" },
        reply: { "x-old": ["1", "2"], "x-new": "n", "x-more": "m", "x-all": "a" },
        sees: { "x-old": undefined, "x-new": "1,2", "x-more": undefined, "x-all": ["a", "m"] },
        gets: { "x-old": undefined, "x-new": "1,2", "x-more": undefined, "x-all": "a, m" },
      },
    ],
  },
  {
    name: "rewrite replaces every match",
    policy: `request:
  - rewrite: { name: x-version, pattern: "v(\\\\d+)", substitution: "<\\\\1\\\\\\\\\\\\0>" }
  - rewrite: { name: x-empty, pattern: ".*", substitution: "" }
  - rewrite: { name: x-odd, pattern: "b", substitution: "'" }
response:
  - rewrite: { name: location, pattern: "^http:", substitution: "https:" }
  - rewrite: { name: x-b, pattern: "e", substitution: "%é" }`,
    asks: [
      { sees: { "x-version": undefined }, gets: { location: undefined } },
      {
        headers: {
          "x-version": ["v1 v22", "w"],
          "x-empty": "kept",
          "x-odd": `"b" \\ {%HOSTNAME%} b`,
        },
        reply: { location: "http://a.test/http:", "x-b": "1e" },
        sees: {
          "x-version": "<1\\v1> <22\\v22>,w",
          "x-empty": "kept",
          "x-odd": `"'" \\ {%HOSTNAME%} '`,
        },
        gets: { location: "https://a.test/http:", "x-b": "1%é" },
      },
      {
        headers: { "x-version": "v".repeat(8_100) + "v1" },
        sees: { "x-version": "v".repeat(8_100) + "<1\\v1>" },
      },
      // Longer ones Envoy does not keep for us.
      {
        headers: { "x-version": "v1".repeat(4_200) },
        sees: { "x-version": "v1".repeat(4_200) },
      },
    ],
  },
  {
    name: "remove by name and by form",
    policy: `request:
  - remove: { name: X-Debug }
  - remove: { prefix: X-Internal- }
  - remove: { suffix: -secret }
  - remove: { contains: trace }
  - remove: { pattern: "x-(a|b)-[0-9]+" }
  - set: { name: x-internal-user, value: ours }
response:
  - remove: { name: x-debug }
  - remove: { prefix: x-internal- }
  - remove: { pattern: "x-.*-[0-9]+" }`,
    asks: [{
      headers: {
        "x-debug": ["1", "2"],
        "x-internal-user": "theirs",
        "x-internal-": "1",
        "x-internal": "1",
        "a-secret": "1",
        "a-secrets": "1",
        "x-tracer": "1",
        "x-a-1": "1",
        "x-a-1a": "1",
      },
      reply: { "x-debug": "1", "x-internal-a": ["1", "2"], "x-b-1": "1", "x-b": "1" },
      sees: {
        "x-debug": undefined,
        "x-internal-user": "ours",
        "x-internal-": undefined,
        "x-internal": "1",
        "a-secret": undefined,
        "a-secrets": "1",
        "x-tracer": undefined,
        "x-a-1": undefined,
        "x-a-1a": "1",
      },
      gets: { "x-debug": undefined, "x-internal-a": undefined, "x-b-1": undefined, "x-b": "1" },
    }],
  },
  {
    name: "steps are taken one after the other",
    policy: `request:
  - set: { name: x-a, value: "1" }
  - copy: { from: x-a, to: x-b }
  - set: { name: x-a, value: "2" }
  - when: { requestHeaders: [{ name: x-b, equals: "1" }] }
    add: { name: x-b, value: "%REQ(x-a)%" }
  - remove: { name: x-a }`,
    asks: [{ headers: { "x-a": "0", "x-b": "0" }, sees: { "x-a": undefined, "x-b": ["1", "2"] } }],
  },
];
