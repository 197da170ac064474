import assert from "node:assert/strict";
import { eventually } from "../../support/wait.ts";
import { root } from "../manifest.ts";
import type { ConfigurationCase, ConfigurationScene } from "./configuration_case.ts";

const manifest = root(
  "plain.test",
  `
  routes:
  - services: [{ name: a, port: 80 }]
  - conditions: [{ prefix: /gone }]
    directResponsePolicy: { statusCode: 410 }
  - conditions: [{ prefix: /broken }]
    directResponsePolicy: { statusCode: 500 }
  `,
);

/** What is logged of three requests, of which the last is logged in any case. */
async function logged({ ask, accessLog }: ConfigurationScene): Promise<readonly string[]> {
  for (const path of ["/", "/gone", "/broken"]) await ask({ host: "plain.test", path });
  await eventually(
    "the last request is logged",
    async () => (await accessLog()).some((line) => line.includes("/broken")),
  );
  return (await accessLog()).filter((line) => !line.includes("probe"));
}

/** What stands in the access log. */
export const accessLogs: readonly ConfigurationCase[] = [
  {
    name: "lines of text, of failures alone",
    configuration:
      `{ accesslog-format-string: "%REQ(:AUTHORITY)% %RESPONSE_CODE% %REQ(:PATH)%\\n", accesslog-level: critical }`,
    manifest,
    async check(scene) {
      assert.deepEqual(await logged(scene), ["plain.test 500 /broken"]);
    },
  },
  {
    name: "objects, of all that is not well",
    configuration:
      `{ accesslog-format: json, json-fields: [authority, path, "code=%RESPONSE_CODE%", "team=%REQ(x-team)%"], accesslog-level: error }`,
    manifest,
    async check(scene) {
      const lines = (await logged(scene)).map((line) => JSON.parse(line));
      assert.deepEqual(lines, [
        { authority: "plain.test", path: "/gone", code: 410, team: null },
        { authority: "plain.test", path: "/broken", code: 500, team: null },
      ]);
    },
  },
];
