import { readAddressRange } from "./address_range.ts";
import type { Condition, HeaderCondition, PathCondition, QueryCondition } from "./condition.ts";
import type { Message, Step } from "./step.ts";
import { quoteRegex } from "../outside.ts";
import { canonicalName } from "./text.ts";

/** The entries of requests for which all of a condition holds; others have none. */
export function whenSteps(condition: Condition | undefined): readonly Step[] {
  const { methods, paths, clientAddresses, requestHeaders = [], queryParameters = [] } =
    condition ?? {};
  const headers = [
    ...(methods === undefined ? [] : [methodMatcher(methods)]),
    ...(paths === undefined ? [] : [pathMatcher(paths)]),
    ...requestHeaders.map(headerMatcher),
  ];
  return [
    ...(headers.length === 0 ? [] : [headersStep("when", headers, true)]),
    ...(queryParameters.length === 0
      ? []
      : [queryStep("when", queryParameters.map(queryMatcher), true)]),
    ...(clientAddresses === undefined ? [] : [addressesStep("when", clientAddresses, true)]),
  ];
}

/** The entries of requests for which nothing of a condition holds; others have none. */
export function exceptSteps(condition: Condition | undefined): readonly Step[] {
  const { methods, paths, clientAddresses, requestHeaders = [], queryParameters = [] } =
    condition ?? {};
  const headers = [
    ...(methods === undefined ? [] : [methodMatcher(methods)]),
    ...(paths === undefined ? [] : [pathMatcher(paths)]),
    ...requestHeaders.map(headerMatcher),
  ];
  return [
    ...headers.map((matcher) => headersStep("except", [matcher], false)),
    ...queryParameters.map((one) => queryStep("except", [queryMatcher(one)], false)),
    ...(clientAddresses === undefined ? [] : [addressesStep("except", clientAddresses, false)]),
  ];
}

/** A header whose whole value is of a form, or is not. */
export function formStep(key: string, header: string, regex: string, expected: boolean): Step {
  return headersStep(key, [matcher(header, { safeRegex: { regex } })], expected);
}

function headersStep(key: string, headers: readonly Message[], expected: boolean): Step {
  return {
    action: { headerValueMatch: { ...told(key), headers, expectMatch: { value: expected } } },
    key,
    value: yes,
  };
}

function queryStep(key: string, queryParameters: readonly Message[], expected: boolean): Step {
  const queryParameterValueMatch = {
    ...told(key),
    queryParameters,
    expectMatch: { value: expected },
  };
  return { action: { queryParameterValueMatch }, key, value: yes };
}

function addressesStep(key: string, ranges: readonly string[], expected: boolean): Step {
  const addressMatcher = {
    ranges: ranges.map(readAddressRange),
    ...(expected ? {} : { invertMatch: true }),
  };
  return { action: { remoteAddressMatch: { ...told(key), addressMatcher } }, key, value: yes };
}

const yes = "yes";

function told(key: string): Message {
  return { descriptorKey: key, descriptorValue: yes };
}

function methodMatcher(methods: readonly string[]): Message {
  const [only] = methods;
  return matcher(
    ":method",
    methods.length === 1
      ? { exact: only }
      : { safeRegex: { regex: methods.map(quoteRegex).join("|") } },
  );
}

/** The header holds the query as well. */
function pathMatcher(paths: readonly PathCondition[]): Message {
  const regex = `(?:${paths.map(pathRegex).join("|")})(?:\\?.*)?`;
  return matcher(":path", { safeRegex: { regex } });
}

function pathRegex({ exact, prefix, pattern }: PathCondition): string {
  if (exact !== undefined) return quoteRegex(exact);
  if (prefix === undefined) return `(?:${pattern})`;
  const segments = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return `${quoteRegex(segments)}(?:/[^?]*)?`;
}

function headerMatcher({ name, present, equals, pattern }: HeaderCondition): Message {
  const header = canonicalName(name);
  if (present !== undefined) return { name: header, presentMatch: present };
  return matcher(
    header,
    equals !== undefined ? { exact: equals } : { safeRegex: { regex: pattern } },
  );
}

function queryMatcher({ name, present, equals, pattern }: QueryCondition): Message {
  if (present !== undefined) return { name, presentMatch: present };
  return {
    name,
    stringMatch: equals !== undefined ? { exact: equals } : { safeRegex: { regex: pattern } },
  };
}

function matcher(name: string, stringMatch: Message): Message {
  return { name, stringMatch };
}
