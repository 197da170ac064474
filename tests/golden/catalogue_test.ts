/** Every reason that a status can give has a case that shows it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { codes } from "../../controller/api/mod.ts";
import { committed, foldersBelow, testsFolder } from "./golden_case.ts";
import { translationCases } from "./translation_case.ts";

/** Reasons of features that this version does not carry out. A case takes the place of each in time. */
const later = [
  "ListenerError/ErrorIdentifyingListener",
  "CertificateExpiresSoon",
];

/** Reasons for what the schemas refuse before anything is translated, in files and in clusters. */
const refusedWhenRead = [
  "VirtualHostError/FQDNNotSpecified",
  "ServiceError/ServicePortInvalid",
  "ServiceError/UnsupportedProtocol",
  "AuthError/AuthBadAllowedHeader",
  "JWTVerificationError/JWKSSourceConflict",
  "JWTVerificationError/JWKSSourceMissing",
  "JWTVerificationError/RemoteJWKSDNSLookupFamilyInvalid",
];

/** Reasons with no occasion: what they would say is said by another. */
const neverRaised = [
  // Of earlier versions: all that is read is carried out.
  "NotYetSupported",
  "KindNotYetSupported",
];

/** Reasons that need more than objects to come up. */
const shownElsewhere = [
  "RefusedByEnvoy",
  // Of a plugin, not of an object: tests/plugins.
  "PluginNotUsable",
];

const catalogue = Object.entries(codes)
  .filter(([code]) => code >= "CTR101")
  .map(([, { name }]): string => name);

const shown = new Set(
  translationCases().flatMap((golden) => {
    const status = committed(golden).get("status.yaml") ?? "";
    return [...status.matchAll(/^ +(?:- )?(?:error|warning|info): (CTR\d+) /gm)]
      .map(([, code]) => code === undefined ? "" : nameOf(code));
  }),
);

function nameOf(code: string): string {
  return Object.entries(codes).find(([each]) => each === code)?.[1].name ?? "";
}

Deno.test("every reason has a golden case, or stands on a list that says why not", () => {
  const listed = [...later, ...refusedWhenRead, ...neverRaised, ...shownElsewhere];
  const missing = catalogue.filter((name) => !shown.has(name) && !listed.includes(name));
  assert.deepEqual(missing, [], "reasons without a case");
  assert.deepEqual(listed.filter((name) => !catalogue.includes(name)), [], "no such reasons");
  assert.deepEqual(listed.filter((name) => shown.has(name)), [], "raised after all: off the list");
  assert.equal(shown.size + listed.length, new Set([...shown, ...listed]).size);
});

Deno.test("translation raises no reason that is left to a later version", async () => {
  const raised = new Set<string>();
  for (
    const folder of ["graph", "status"].map((name) => join(testsFolder, "../controller", name))
  ) {
    for (const below of foldersBelow(folder)) {
      for (const { name } of Deno.readDirSync(below)) {
        if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
        const text = await Deno.readTextFile(join(below, name));
        for (const [, reason] of text.matchAll(/"(\w+Error\/\w+|Orphaned\/\w+)"/g)) {
          raised.add(reason ?? "");
        }
      }
    }
  }
  assert.ok(raised.size > 40, "where reasons are raised has moved");
  assert.deepEqual(later.filter((name) => raised.has(name)), [], "raised after all: off the list");
  const unshown = [...raised].filter((name) => !shown.has(name) && !refusedWhenRead.includes(name));
  assert.deepEqual(unshown, [], "raised without a case");
});
