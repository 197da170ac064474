import { type Code, codeNamed, type KubeObject } from "../api/mod.ts";
import { defaultEnvoyOptions } from "../envoy/mod.ts";
import {
  type Admission,
  admit,
  attempt,
  furnish,
  type Furnishing,
  type PolicyFacts,
  type RunningPlugin,
} from "../plugin/mod.ts";
import { defaultSettings } from "../store/mod.ts";
import { type ColdOptions, translateCold, Translation } from "../translation/mod.ts";
import { exampleOf } from "./example.ts";
import { policiesFor, world } from "./world.ts";

/** Something that a plugin has to keep to, and how it does. */
export interface Check {
  /** What has to hold, in a sentence. */
  readonly name: string;
  /** Why it does not; absent: it does. */
  readonly failure?: string;
}

/**
 * Tries a plugin: with policies made of its examples, or of its schemas, on hosts of all kinds. Asks
 * it as the controller does and looks at nothing inside, so it can run anywhere.
 */
export function checkPlugin(
  plugin: RunningPlugin,
  settings: unknown = undefined,
): readonly Check[] {
  const checks: Check[] = [];
  const check = (name: string, run: () => string | undefined) => {
    const outcome = attempt(run);
    const failure = outcome.ok ? outcome.value : outcome.message;
    checks.push(failure === undefined ? { name } : { name, failure });
    return failure === undefined;
  };
  const { name } = plugin.facts;
  const admission = admit(
    [{ plugin, from: name }],
    settings === undefined ? new Map() : new Map([[name, { value: settings }]]),
  );
  const furnishing = furnish(admission.plugins);
  check("it takes its settings, and builds filters and clusters that Envoy takes", () => {
    const [first] = [...admission.diagnostics, ...furnishing.diagnostics];
    return first?.message;
  });
  for (const [index, facts] of plugin.facts.policies.entries()) {
    const trial: Trial = { plugin, index, facts, admission, furnishing };
    check(`${facts.name}: every field has a description`, () => undescribed(trial));
    check(`${facts.name}: what is no policy is refused in words`, () => nonsense(trial));
    let examples: readonly Example[] = [];
    const isUsable = check(`${facts.name}: there are settings to try it with`, () => {
      examples = examplesOf(trial);
      return undefined;
    });
    if (!isUsable) continue;
    check(`${facts.name}: it does its work on every host`, () => work(trial, examples));
    check(`${facts.name}: the same question has the same answer`, () => steady(trial, examples));
    check(`${facts.name}: edits come to the same as a new start`, () => edited(trial, examples));
    check(
      `${facts.name}: an answer takes no more than ${longestMs} ms`,
      () => swift(trial, examples),
    );
  }
  for (const [rule, { name }] of plugin.facts.lintRules.entries()) {
    check(`lint rule ${name}: it looks at everything without failing`, () => {
      const objects = world(1).map(({ kind, metadata, ...rest }) => ({
        kind,
        namespace: metadata.namespace,
        name: metadata.name,
        labels: metadata.labels ?? {},
        annotations: metadata.annotations ?? {},
        spec: "spec" in rest ? rest.spec : {},
      }));
      const outcome = plugin.call("lint", { rule, objects: { objects, policies: [], settings } });
      return outcome.ok ? undefined : outcome.message;
    });
  }
  for (const [conversion, { annotations, kind }] of plugin.facts.conversions.entries()) {
    check(`conversion to ${kind}: it reads any text without failing`, () => {
      for (const text of ["", "1", "true", "no such thing", "a,b c"]) {
        const values = Object.fromEntries(annotations.map((annotation) => [annotation, text]));
        const outcome = plugin.call("convert", { conversion, values });
        if (!outcome.ok) return `of ${JSON.stringify(text)}: ${outcome.message}`;
      }
      return undefined;
    });
  }
  return checks;
}

/** In milliseconds: a tenth of what it may take before it is stopped. */
const longestMs = 100;

interface Trial {
  readonly plugin: RunningPlugin;
  readonly index: number;
  readonly facts: PolicyFacts;
  readonly admission: Admission;
  readonly furnishing: Furnishing;
}

type Example = Readonly<Record<string, unknown>>;

function undescribed({ plugin, index }: Trial): string | undefined {
  const outcome = plugin.call("schema", { policy: index });
  if (!outcome.ok) return outcome.message;
  const missing: string[] = [];
  const look = (schema: unknown, path: string) => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {}, items, description } = schema as {
      readonly properties?: Readonly<Record<string, unknown>>;
      readonly items?: unknown;
      readonly description?: unknown;
    };
    if (path !== "" && typeof description !== "string") missing.push(path);
    for (const [name, field] of Object.entries(properties)) {
      look(field, path === "" ? name : `${path}.${name}`);
    }
    // An item is described by the list.
    const inner = items as { readonly properties?: Readonly<Record<string, unknown>> } | undefined;
    for (const [name, field] of Object.entries(inner?.properties ?? {})) {
      look(field, `${path}[].${name}`);
    }
  };
  const spec = specOf(outcome.value);
  look(spec, "");
  const own = missing.filter((path) => !/^targetRefs?\b/.test(path));
  return own.length === 0 ? undefined : `no description at ${own.join(", ")}`;
}

function specOf(schema: Readonly<Record<string, unknown>>): unknown {
  return (schema["properties"] as { readonly spec?: unknown } | undefined)?.spec;
}

function nonsense({ plugin, index, facts }: Trial): string | undefined {
  const { apiVersion, name: kind } = facts;
  const metadata = { name: "nonsense", namespace: "plugins" };
  const targetRef = { kind: facts.targets[0], name: "plugins" };
  for (const spec of [{}, { targetRef, noSuchField: true }, null, [], "text"]) {
    const value = { apiVersion, kind, metadata, spec };
    const outcome = plugin.call("read", { policy: index, value, strict: true });
    if (!outcome.ok) return `${JSON.stringify(spec)}: ${outcome.message}`;
    if (outcome.value.ok) return `it takes ${JSON.stringify(spec)}`;
  }
  return undefined;
}

function examplesOf({ plugin, index, facts, admission }: Trial): readonly Example[] {
  const outcome = plugin.call("schema", { policy: index });
  if (!outcome.ok) throw new Error(outcome.message);
  const made = [true, false].map((least) => {
    const { targetRef: _, targetRefs: __, ...settings } = exampleOf(
      specOf(outcome.value),
      least,
    ) as Record<string, unknown>;
    return settings;
  });
  const examples = facts.examples.length > 0 ? facts.examples as readonly Example[] : made;
  for (const example of examples) {
    const result = attempt(() => policiesFor(facts, example, admission.policyKinds));
    if (result.ok) continue;
    const hint = facts.examples.length > 0
      ? ""
      : "; give it `examples` in place of this made-up one";
    throw new Error(`${JSON.stringify(example)} is not valid, ${result.message}${hint}`);
  }
  return examples;
}

function optionsOf({ furnishing }: Trial): ColdOptions {
  return {
    settings: defaultSettings,
    envoy: { ...defaultEnvoyOptions, plugins: furnishing.envoy },
    layout: "scoped",
    plugins: furnishing.set,
  };
}

function objectsOf(trial: Trial, example: Example, version: 1 | 2): readonly KubeObject[] {
  return [...world(version), ...policiesFor(trial.facts, example, trial.admission.policyKinds)];
}

/** What a plugin must not be the reason for. */
const unwanted: ReadonlySet<Code> = new Set(
  (["PluginFailed", "PolicyNotValid", "PolicyRefused"] as const).map(codeNamed),
);

function work(trial: Trial, examples: readonly Example[]): string | undefined {
  for (const example of examples) {
    const { statuses } = translateCold(objectsOf(trial, example, 1), optionsOf(trial));
    const found = statuses.flatMap(({ diagnostics }) => diagnostics)
      .find(({ code }) => unwanted.has(code));
    if (found !== undefined) return `${JSON.stringify(example)}: ${found.message}`;
  }
  return undefined;
}

function steady(trial: Trial, examples: readonly Example[]): string | undefined {
  for (const example of examples) {
    const objects = objectsOf(trial, example, 1);
    const [first, second] = [1, 2].map(() => summary(translateCold(objects, optionsOf(trial))));
    if (first !== second) return `${JSON.stringify(example)}: two answers to one question`;
  }
  return undefined;
}

function edited(trial: Trial, examples: readonly Example[]): string | undefined {
  const live = new Translation(optionsOf(trial));
  let before: readonly KubeObject[] = [];
  for (const [step, example] of [...examples, ...examples.slice(0, 1)].entries()) {
    const objects = objectsOf(trial, example, step % 2 === 0 ? 1 : 2);
    // One goes, so that what it added has to go too.
    const kept = step % 2 === 0 ? objects : objects.slice(0, -1);
    const keys = new Set(kept.map(identity));
    live.apply({
      applied: kept,
      deleted: before.filter((object) => !keys.has(identity(object))).map((object) => ({
        kind: object.kind,
        namespace: object.metadata.namespace,
        name: object.metadata.name,
      })),
    });
    live.settleNow();
    before = kept;
    const now = summary({
      resources: new Map([...live.resources()].map((each) => [
        `${each.typeUrl} ${each.name}`,
        each,
      ])),
      statuses: [...live.statuses.values()],
    });
    if (now !== summary(translateCold(kept, optionsOf(trial)))) {
      return `${JSON.stringify(example)}: what comes of an edit depends on what was before`;
    }
  }
  return undefined;
}

function identity({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

function summary({ resources, statuses }: Pick<
  ReturnType<typeof translateCold>,
  "resources" | "statuses"
>): string {
  return JSON.stringify([
    [...resources].map(([id, { version }]) => `${id} ${version}`).sort(),
    statuses.map((status) => JSON.stringify(status)).sort(),
  ]);
}

function swift({ plugin, index, facts }: Trial, examples: readonly Example[]): string | undefined {
  for (const settings of examples) {
    const begin = performance.now();
    plugin.call("evaluate", {
      policy: index,
      host: {
        fqdn: "shop.example",
        owner: { kind: "HTTPProxy", namespace: "plugins", name: "shop" },
        tls: true,
      },
      sources: [{
        id: "plugins/policy",
        namespace: "plugins",
        level: "host",
        given: { kind: "field", value: settings },
      }],
      reach: [0],
      routes: [],
    });
    const ms = performance.now() - begin;
    if (ms > longestMs) return `${facts.name} took ${Math.round(ms)} ms`;
  }
  return undefined;
}
