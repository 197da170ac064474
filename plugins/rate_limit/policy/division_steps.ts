import type { Division } from "./settings.ts";
import { constantAction, keyPart, type Message, type Step } from "./step.ts";
import { canonicalName } from "./text.ts";

/** Where a request is taken. */
export interface Place {
  readonly host: string;
  /** Stays the same when rules around it come and go; absent: the host as a whole. */
  readonly route?: string;
}

/**
 * The entries that part requests from each other. Those that requests may lack come last, and all stand
 * in an order of their own, so that the order in the policy does not matter.
 */
export function divisionSteps(division: Division, place: Place, how: Dividing): readonly Step[] {
  const { clientAddress, path, method, route, host } = division;
  return [
    ...(host === true ? [placeStep("host", place.host)] : []),
    ...(route === true ? [placeStep("route", place.route ?? place.host)] : []),
    ...(clientAddress === undefined ? [] : [addressStep(clientAddress)]),
    ...(method === true ? [headerStep("method", ":method", false)] : []),
    ...(path === true ? [expressionStep("path", "request.url_path", false)] : []),
    ...optionalSteps(division, how),
  ];
}

/** See {@link divisionSteps}. */
export interface Dividing {
  /** Whether requests that lack something are not limited. */
  readonly missingPass: boolean;
  /** Whether headers have to be read from what was kept of the request: see {@link keptHeaders}. */
  readonly isToldAfterwards: boolean;
}

function optionalSteps(division: Division, how: Dividing): readonly Step[] {
  const isOptional = !how.missingPass;
  const { requestHeaders = [], queryParameters = [], jwtClaims = [] } = division;
  return [
    ...distinct(requestHeaders.map(canonicalName)).map((name) => {
      const key = `header:${keyPart(name)}`;
      return how.isToldAfterwards
        ? keptStep(key, name, isOptional)
        : headerStep(key, name, isOptional);
    }),
    ...distinct(queryParameters).map((name): Step => {
      const key = `query:${keyPart(name)}`;
      const queryParameters = {
        queryParameterName: name,
        descriptorKey: key,
        skipIfAbsent: isOptional,
      };
      return { action: { queryParameters }, key, isOptional };
    }),
    ...distinct(jwtClaims).map((name) =>
      expressionStep(
        `claim:${keyPart(name)}`,
        `metadata.filter_metadata['envoy.filters.http.jwt_authn']['payload']['${name}']`,
        isOptional,
      )
    ),
  ];
}

/** Constant for Envoy; for the service one value of many. */
function placeStep(key: string, name: string): Step {
  return { action: constantAction(key, name), key };
}

function addressStep(
  { ipv4Prefix = 32, ipv6Prefix = 64 }: NonNullable<Division["clientAddress"]>,
): Step {
  const masks = { v4PrefixMaskLen: { value: ipv4Prefix }, v6PrefixMaskLen: { value: ipv6Prefix } };
  return { action: { maskedRemoteAddress: masks }, key: "masked_remote_address" };
}

function headerStep(key: string, headerName: string, isOptional: boolean): Step {
  const requestHeaders = { headerName, descriptorKey: key, skipIfAbsent: isOptional };
  return { action: { requestHeaders }, key, isOptional };
}

/** By an expression of CEL; one that fails is something that the request lacks. */
function expressionStep(key: string, text: string, isOptional: boolean): Step {
  const extension = {
    name: "envoy.rate_limit_descriptors.expr",
    typedConfig: {
      "@type": "envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor",
      descriptorKey: key,
      text,
      skipIfError: isOptional,
    },
  };
  return { action: { extension }, key, isOptional };
}

function keptStep(key: string, name: string, isOptional: boolean): Step {
  const metadata = {
    descriptorKey: key,
    metadataKey: { key: keptNamespace, path: [{ key: `header ${name}` }] },
    skipIfAbsent: isOptional,
  };
  return { action: { metadata }, key, isOptional };
}

/** Where the filters of this plugin keep what they need when a request is done. */
export const keptNamespace = "plugin.rate-limit";

/**
 * Headers that are read when a request is done, as rules for Envoy's filter from headers to metadata:
 * by then the route has changed the headers themselves.
 */
export function keptHeaders(names: readonly string[]): readonly Message[] {
  return distinct(names.map(canonicalName)).map((name) => ({
    header: name,
    onHeaderPresent: { metadataNamespace: keptNamespace, key: `header ${name}`, type: "STRING" },
  }));
}

/** Each once, in an order that does not depend on how they were written. */
function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
