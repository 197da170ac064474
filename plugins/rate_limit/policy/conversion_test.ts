import assert from "node:assert/strict";
import { convertedAnnotations, convertedLimits } from "./conversion.ts";
import { RateLimitSettings } from "./settings.ts";

function converted(values: Readonly<Record<string, string>>) {
  const found = convertedLimits(Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
  ));
  // What comes of it has to be what users can write.
  if (found !== undefined) RateLimitSettings.parse(found.settings);
  return found;
}

const by = { clientAddress: { ipv6Prefix: 128 } };

Deno.test("limits of ingress-nginx", () => {
  assert.deepEqual(converted({ "limit-rps": "10" }), {
    settings: { limits: [{ name: "per-second", requests: 10, unit: "second", burst: 51, by }] },
    lost: [],
  });
  assert.deepEqual(
    converted({ "limit-rpm": "60", "limit-burst-multiplier": "2", "limit-connections": "3" }),
    {
      settings: {
        limits: [
          { name: "per-minute", requests: 60, unit: "minute", burst: 121, by },
          { name: "at-once", concurrent: 3, by },
        ],
      },
      lost: [],
    },
  );
});

Deno.test("addresses that are not limited, and what is none", () => {
  const found = converted({ "limit-rps": "1", "limit-whitelist": "10.0.0.0/8, 1.2.3.4, office" });
  assert.deepEqual(found?.settings.limits.map(({ except }) => except), [
    { clientAddresses: ["10.0.0.0/8", "1.2.3.4"] },
  ]);
  assert.deepEqual(found?.lost, [{
    annotation: "nginx.ingress.kubernetes.io/limit-whitelist",
    why: '"office" is no range of addresses',
  }]);
  const newer = converted({
    "limit-rps": "1",
    "limit-allowlist": "10.0.0.0/8",
    "limit-whitelist": "11.0.0.0/8",
  });
  assert.deepEqual(newer?.settings.limits[0]?.except, { clientAddresses: ["10.0.0.0/8"] });
});

Deno.test("what limits nothing there limits nothing here", () => {
  for (const value of ["0", "", "ten", "-1", "1.5"]) {
    assert.equal(converted({ "limit-rps": value, "limit-connections": value }), undefined, value);
  }
  assert.equal(converted({ "limit-whitelist": "10.0.0.0/8" }), undefined);
  assert.equal(convertedAnnotations.length, new Set(convertedAnnotations).size);
});
