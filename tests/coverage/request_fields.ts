import { join } from "node:path";
import { load, loadAll } from "js-yaml";
import { cases } from "../e2e/cases/mod.ts";
import { configurations } from "../e2e/configurations/mod.ts";
import type { Stage } from "../e2e/stage.ts";
import { testsFolder } from "../golden/golden_case.ts";
import type { Backend } from "../support/backend.ts";
import type { Row } from "./rows.ts";
import { usedByPart } from "./golden_fields.ts";
import { usedFields } from "./used_fields.ts";

/** Something that sends requests through Envoy. */
export interface RequestCase {
  /** `cases/upstream: retries`, or the file of a test: `jwt_test.ts`. */
  readonly name: string;
  /** Whether it is known to set the field; otherwise it has all the words for it. */
  readonly isExact: boolean;
  readonly shows: (row: Row) => boolean;
}

/** All of them: those of lists by the fields they use, tests of their own by the words they use. */
export function requestCases(): readonly RequestCase[] {
  const listed = Object.entries(cases).flatMap(([topic, list]) =>
    list.map(({ name, manifest }) => {
      const used = usedByPart(
        loadAll(typeof manifest === "string" ? manifest : manifest(emptyStage)),
      );
      return {
        name: `${topic}: ${name}`,
        isExact: true,
        shows: ({ part, field }: Row) => used.get(part)?.has(field) ?? false,
      };
    })
  );
  const configured = Object.entries(configurations).flatMap(([topic, list]) =>
    list.map(({ name, configuration: given }) => {
      const text = typeof given === "function" ? given({ ...emptyStage, freePort: 1 }) : given;
      const used = usedFields(typeof text === "string" ? load(text) : text.spec);
      return {
        name: `configuration of ${topic}: ${name}`,
        isExact: true,
        shows: ({ part, field, aliases = [] }: Row) =>
          part === "Configuration" && [field, ...aliases].some((each) => used.has(each)),
      };
    })
  );
  const files = [...Deno.readDirSync(join(testsFolder, "e2e"))]
    .map(({ name }) => name)
    .filter((name) =>
      name.endsWith("_test.ts") && !["cases_test.ts", "configuration_test.ts"].includes(name)
    )
    .sort()
    .map((name) => {
      const text = Deno.readTextFileSync(join(testsFolder, "e2e", name));
      const words = new Set(text.match(/[\w.-]*\w/g));
      return {
        name,
        isExact: false,
        shows: (row: Row) => wordsOf(row).some((all) => all.every((one) => words.has(one))),
      };
    });
  return [...listed, ...configured, ...files];
}

/** Sets of words of which a test that sets the field has to use all of one. */
function wordsOf({ part, field, aliases = [] }: Row): readonly (readonly string[])[] {
  switch (part) {
    case "Configuration":
      return [field, ...aliases].map((name) => name.split("."));
    default: {
      const names = field.startsWith("annotation ")
        ? field.split("/").slice(-1)
        : field.replaceAll("[]", "").split(".").filter((name) => !given.includes(name));
      return [part === "HTTPProxy" ? names : [part, ...names]];
    }
  }
}

/** What the helpers of tests write around a part of an object. */
const given = ["spec", "virtualhost", "routes", "services"];

const nobody: Backend = {
  name: "nobody",
  port: 1,
  received: [],
  isHealthy: true,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** A stage on which nothing runs: manifests need its ports and certificates, not what they are. */
const emptyStage: Stage = {
  backends: {
    a: nobody,
    b: nobody,
    c: nobody,
    sick: nobody,
    mirror: nobody,
    h2c: nobody,
    h2: nobody,
    https: nobody,
    tcp: nobody,
    tcp2: nobody,
    tunnel: nobody,
  },
  ca: "",
  strangerCa: "",
  certificate: { certificate: "", privateKey: "" },
};
