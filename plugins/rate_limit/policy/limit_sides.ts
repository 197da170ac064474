import type { DescriptorConfiguration, LimitConfiguration } from "../configuration/schema.ts";
import { exceptSteps, formStep, whenSteps } from "./condition_steps.ts";
import { divisionSteps, keptHeaders, keptNamespace, type Place } from "./division_steps.ts";
import { isToldAfterwards, type Limit, limitName } from "./settings.ts";
import { constantStep, descriptorOf, type Message, type Step } from "./step.ts";
import { canonicalName } from "./text.ts";

/**
 * Both sides of a limit: what Envoy asks of the requests it is about, and what the service answers by.
 * `id` is that of the policy; two limits of one name in it would be one.
 */
export function limitSides(limit: Limit, index: number, id: string, place: Place): LimitSides {
  const name = `${id}/${limitName(limit, index)}`;
  const { by = {}, missing = "share" } = limit;
  const afterwards = isToldAfterwards(limit);
  const conditions = [...whenSteps(limit.when), ...exceptSteps(limit.except)];
  const division = divisionSteps(by, place, {
    missingPass: missing === "pass",
    isToldAfterwards: afterwards,
  });
  const first = constantStep("limit", name.replaceAll("*", "%2A"));
  const questions = questionsOf(limit);
  const stepsOf = ({ condition }: Question) => [
    first,
    ...conditions,
    ...(condition === undefined ? [] : [condition]),
    ...division,
  ];
  return {
    rateLimits: questions.map((question) => ({
      actions: stepsOf(question).map(({ action }) => action),
      ...question.fields,
    })),
    // All questions lead to the same counter.
    descriptors: descriptorOf(
      stepsOf(questions[0] ?? {}),
      configurationOf(limit, name),
      limit.shadow ?? false,
    ),
    kept: afterwards ? keptHeaders(by.requestHeaders ?? []) : [],
    costs: costRules(limit),
  };
}

/** See {@link limitSides}. */
export interface LimitSides {
  /** Envoy's `RateLimit` messages. */
  readonly rateLimits: readonly Message[];
  readonly descriptors: readonly DescriptorConfiguration[];
  /** Rules of a filter from headers to metadata: what of the request is needed when it is done. */
  readonly kept: readonly Message[];
  /** The same of the response. */
  readonly costs: readonly Message[];
}

/** One question that Envoy asks about a request, at its beginning or its end. */
interface Question {
  /** Asked of a part of the requests. */
  readonly condition?: Step;
  readonly fields?: Message;
}

function questionsOf({ concurrent, cost }: Limit): readonly Question[] {
  if (concurrent !== undefined) {
    const hitsAddend = { number: { value: 1 }, isNegativeHits: true };
    return [{}, { fields: { hitsAddend, applyOnStreamDone: true } }];
  }
  if (cost === undefined) return [{}];
  const { number, requestHeader, responseHeader } = cost;
  if (number !== undefined) return [{ fields: { hitsAddend: { number: { value: number } } } }];
  if (requestHeader !== undefined) {
    const name = canonicalName(requestHeader.name);
    const { otherwise = 1 } = requestHeader;
    // What is no number would make Envoy not ask at all.
    const isNumber = (expected: boolean) => formStep("cost", name, "[0-9]{1,9}", expected);
    return [
      { condition: isNumber(true), fields: { hitsAddend: { format: `%REQ(${name})%` } } },
      { condition: isNumber(false), fields: { hitsAddend: { number: { value: otherwise } } } },
    ];
  }
  const format = responseHeader === undefined
    ? "%BYTES_SENT%"
    : `%DYNAMIC_METADATA(${keptNamespace}:${costKey(responseHeader.name)})%`;
  return [
    { fields: { hitsAddend: { number: { value: 0 } } } },
    { fields: { hitsAddend: { format }, applyOnStreamDone: true } },
  ];
}

function costRules({ cost }: Limit): readonly Message[] {
  if (cost?.responseHeader === undefined) return [];
  const { name, otherwise = 0 } = cost.responseHeader;
  const put = { metadataNamespace: keptNamespace, key: costKey(name), type: "NUMBER" };
  return [{
    header: name.toLowerCase(),
    onHeaderPresent: put,
    onHeaderMissing: { ...put, value: String(otherwise) },
  }];
}

function costKey(name: string): string {
  return `cost-${name.toLowerCase()}`;
}

function configurationOf(limit: Limit, name: string): LimitConfiguration {
  const { requests, unit, unitMultiplier, burst, concurrent, cost } = limit;
  if (concurrent !== undefined) {
    return { name, requests_per_unit: concurrent, unit: "hour", algorithm: "concurrency" };
  }
  const algorithm = limit.algorithm ??
    (cost !== undefined && isToldAfterwards(limit) ? "fixed_window" : undefined) ??
    (burst === undefined ? undefined : "gcra");
  return {
    name,
    requests_per_unit: requests,
    unit,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(burst === undefined ? {} : { burst }),
    ...(unitMultiplier === undefined ? {} : { unit_multiplier: unitMultiplier }),
  };
}
