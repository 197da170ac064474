import { z } from "zod";
import {
  type Metadata,
  type PolicyKind,
  type PolicyReading,
  type Problem,
  readValue,
  type TargetRef,
} from "../api/mod.ts";
import type {
  Answer,
  CallName,
  Evaluated,
  EvaluatedPart,
  Evaluation,
  Outcome,
  PolicySource,
  Question,
  RunningPlugin,
} from "./calls.ts";
import type { AttachedPolicy, HostContribution, Plugin, Policies, Policy } from "./contract.ts";
import { contributionProblem } from "./contribution.ts";
import { clusterName, pluginFacts, policySchema } from "./facts.ts";

/**
 * A plugin that runs right here. Its functions can throw, but nothing stops one that never ends: for
 * plugins of strangers there is a process of their own, which answers by the same function.
 */
export function inProcess(plugin: Plugin): RunningPlugin {
  const answer = answerer(plugin);
  return {
    facts: pluginFacts(plugin),
    call: (name, question) => attempt(() => answer(name, question)),
  };
}

/**
 * Answers all that a plugin can be asked. Throws what its functions throw. `onSource` hears which
 * source of an evaluation it is at, before each function: one that never ends can be told by that.
 */
export function answerer(
  plugin: Plugin,
  onSource: (source: number) => void = () => {},
): <Name extends CallName>(name: Name, question: Question<Name>) => Answer<Name> {
  const policies = (plugin.policies ?? []).map((policy) => ({
    policy,
    schema: policySchema(policy),
  }));
  const settingsSchema = plugin.settings ?? z.object({});
  const policyAt = (index: number) => {
    const found = policies[index];
    if (found === undefined) throw new RangeError(`There is no policy ${index}`);
    return found;
  };
  const handlers: { readonly [Name in CallName]: (question: Question<Name>) => Answer<Name> } = {
    read: ({ policy: index, value, strict }) => {
      const { policy, schema } = policyAt(index);
      return readPolicy(`${policy.kind}.${groupOf(schema)}`, schema, value, strict);
    },
    diagnose: ({ policy, settings }) => policyAt(policy).policy.diagnose?.(settings) ?? [],
    evaluate: (evaluation) =>
      evaluated(policyAt(evaluation.policy).policy, {
        ...evaluation,
        host: frozen(evaluation.host),
        routes: frozen(evaluation.routes),
      }, onSource),
    configure: ({ settings }) => {
      const read = readValue(structuredClone(settings ?? {}), settingsSchema, { strict: true });
      return read.ok
        ? { ok: true, settings: frozen(read.value) }
        : { ok: false, problems: read.problems };
    },
    services: ({ settings }) =>
      (plugin.services ?? []).filter(({ isWanted }) => isWanted?.(asSettings(settings)) ?? true)
        .map(({ name }) => name),
    build: ({ settings, services, envoys }) => {
      const context = {
        settings: asSettings(settings),
        services,
        envoys,
        clusterName: (name: string) => clusterName(plugin.name, name),
      };
      return {
        filters: (plugin.filters ?? []).map(({ config }) =>
          config === undefined ? {} : config(context) ?? null
        ),
        clusters: (plugin.clusters ?? []).map(({ config }) => config(context) ?? null),
      };
    },
    schema: ({ policy }) =>
      z.toJSONSchema(policyAt(policy).schema, {
        target: "openapi-3.0",
        io: "input",
        unrepresentable: "any",
      }),
    lint: ({ rule, objects: { settings, ...objects } }) =>
      plugin.lintRules?.[rule]?.check(frozen({ ...objects, settings: asSettings(settings) })) ?? [],
    convert: ({ conversion, values }) => plugin.conversions?.[conversion]?.convert(values) ?? null,
  };
  return (name, question) => handlers[name](question);
}

/** Settings have the type of the schema that checked them. */
function asSettings(settings: unknown): Record<string, unknown> {
  return settings as Record<string, unknown>;
}

function groupOf(schema: z.ZodObject): string {
  const { apiVersion } = schema.shape;
  const version = apiVersion instanceof z.ZodLiteral ? String(apiVersion.value) : "";
  return version.slice(0, version.indexOf("/"));
}

function readPolicy(
  kind: PolicyKind,
  schema: z.ZodObject,
  value: unknown,
  strict: boolean,
): PolicyReading {
  const read = readValue(value, schema, { strict });
  if (!read.ok) return read;
  const { apiVersion, metadata, spec } = read.value as {
    readonly apiVersion: string;
    readonly metadata: Metadata;
    readonly spec: Readonly<Record<string, unknown>> & {
      readonly targetRef?: TargetRef;
      readonly targetRefs?: readonly TargetRef[];
    };
  };
  const { targetRef, targetRefs = [], ...settings } = spec;
  const targets = [...(targetRef === undefined ? [] : [targetRef]), ...targetRefs];
  if (targets.length === 0) return { ok: false, problems: [noTarget] };
  return {
    ok: true,
    value: {
      apiVersion,
      kind,
      metadata,
      spec: { targets, settings: frozen(settings) },
    },
  };
}

const noTarget: Problem = {
  code: "CTR006",
  severity: "error",
  path: ["spec"],
  at: "value",
  message: 'required field "targetRef" is missing',
};

function evaluated(
  policy: Policy,
  { host, sources, reach, routes }: Evaluation,
  onSource: (source: number) => void,
): Evaluated {
  const readings = sources.map(({ given }, source) => {
    onSource(source);
    return readSource(policy, given);
  });
  const attached = (indexes: readonly number[]): Policies<unknown> | undefined => {
    const found = indexes.flatMap((index): AttachedPolicy<unknown>[] => {
      const source = sources[index];
      const reading = readings[index];
      if (source === undefined || reading?.kind !== "settings") return [];
      const { id, namespace, level } = source;
      return [{ settings: reading.settings, id, namespace, level }];
    });
    const [nearest, ...others] = found;
    return nearest === undefined ? undefined : [nearest, ...others];
  };
  const part = <Reach>(
    indexes: readonly number[],
    of: ((reach: Reach) => HostContribution | undefined) | undefined,
    reachOf: (policies: Policies<unknown>) => Reach,
  ): EvaluatedPart => {
    const policies = of === undefined ? undefined : attached(indexes);
    if (of === undefined || policies === undefined) return null;
    const nearest = indexes.find((index) => readings[index]?.kind === "settings");
    if (nearest !== undefined) onSource(nearest);
    const made = attempt(() => of(reachOf(policies)));
    if (!made.ok) return { kind: "failed", message: made.message };
    if (made.value === undefined || made.value === null) return null;
    const problem = contributionProblem(made.value);
    return problem === undefined
      ? { kind: "contribution", contribution: made.value }
      : { kind: "failed", message: problem };
  };
  return {
    sources: readings.map((reading) => reading.kind === "refused" ? reading.problems : null),
    host: part(reach, policy.host, (policies) => ({ host, policies })),
    routes: routes.map(({ view, reach }) =>
      part(reach, policy.route, (policies) => ({ host, route: view, policies }))
    ),
  };
}

type SourceReading =
  | { readonly kind: "settings"; readonly settings: unknown }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] }
  /** The annotations ask for nothing. */
  | { readonly kind: "none" };

function readSource(policy: Policy, given: PolicySource["given"]): SourceReading {
  switch (given.kind) {
    case "settings":
      return given;
    case "field":
      return readSettings(policy, structuredClone(given.value));
    case "annotations": {
      const read = attempt(() => policy.annotations?.read(given.values));
      if (!read.ok) {
        return { kind: "refused", problems: [{ ...whole, code: "CTR353", message: read.message }] };
      }
      return read.value === undefined
        ? { kind: "none" }
        : readSettings(policy, structuredClone(read.value));
    }
  }
}

function readSettings(policy: Policy, value: unknown): SourceReading {
  const read = readValue(value, policy.schema, { strict: true });
  return read.ok
    ? { kind: "settings", settings: frozen(read.value) }
    : { kind: "refused", problems: read.problems };
}

const whole = { severity: "error", path: [], at: "value" } as const;

/** What a function gives back, or the words it threw. */
export function attempt<T>(run: () => T): Outcome<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { ok: false, message: message.split("\n", 1)[0] ?? "" };
  }
}

/** Several hosts see the same settings: none may change them for the others. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const field of Object.values(value)) frozen(field);
  return value;
}
