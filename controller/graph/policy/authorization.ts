import { type AllowedHeader, type AuthorizationServer, parseTimeout } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { extensionServer } from "../extension_service.ts";
import { Fault } from "../fault.ts";
import type { ExternalAuthorization, HeaderNameMatch } from "../model.ts";
import { outOfRange } from "./envoy_duration.ts";

/**
 * The authorization server that a host names, or why it cannot be asked; `undefined` when it names
 * none. Paths are those below `authorization`. `namespace` is that of the object.
 */
export function externalAuthorization(
  db: Db,
  authorization: AuthorizationServer,
  namespace: string,
): ExternalAuthorization | Fault | undefined {
  const { extensionRef, serviceType, httpSettings, withRequestBody } = authorization;
  if (!extensionRef?.name) return undefined;
  const version = extensionRef.apiVersion ?? supportedVersion;
  if (version !== supportedVersion) {
    const message =
      `Spec.Virtualhost.Authorization.ServiceRef has apiVersion "${version}", only "${supportedVersion}" is supported`;
    return new Fault("AuthError/AuthBadResourceVersion", message, "extensionRef.apiVersion");
  }
  const extension = {
    namespace: extensionRef.namespace ?? namespace,
    name: extensionRef.name,
  };
  const server = extensionServer(db, extension);
  if (server === undefined) {
    const message =
      `Spec.Virtualhost.Authorization.ServiceRef extension service "${extension.namespace}/${extension.name}" not found`;
    return new Fault("AuthError/ExtensionServiceNotFound", message, "extensionRef.name");
  }
  const response = parseTimeout(authorization.responseTimeout);
  const problem = response.ok ? outOfRange(response.timeout) : response.message;
  if (!response.ok || problem !== undefined) {
    const message = `Spec.Virtualhost.Authorization.ResponseTimeout is invalid: ${problem}`;
    return new Fault("AuthError/AuthResponseTimeoutInvalid", message, "responseTimeout");
  }
  const context = Object.keys(authorization.authPolicy?.context ?? {});
  if (serviceType === "http" && context.length > 0) {
    const message =
      "Spec.Virtualhost.Authorization.AuthPolicy.Context reaches servers of serviceType grpc only";
    return new Fault("AuthError/AuthContextForHTTP", message, "authPolicy.context");
  }
  return {
    extension,
    serverName: server.serverName,
    timeout: response.timeout.kind === "default" ? server.responseTimeout : response.timeout,
    failOpen: authorization.failOpen ?? false,
    ...(withRequestBody === undefined ? {} : {
      requestBody: {
        maximumBytes: withRequestBody.maxRequestBytes,
        allowPartial: withRequestBody.allowPartialMessage ?? false,
        packAsBytes: withRequestBody.packAsBytes ?? false,
      },
    }),
    protocol: serviceType === "grpc" ? { kind: "grpc" } : {
      kind: "http",
      ...(httpSettings?.pathPrefix ? { pathPrefix: httpSettings.pathPrefix } : {}),
      requestHeaders: (httpSettings?.allowedAuthorizationHeaders ?? []).map(headerNameMatch),
      upstreamHeaders: (httpSettings?.allowedUpstreamHeaders ?? []).map(headerNameMatch),
    },
  };
}

const supportedVersion = "projectcontour.io/v1alpha1";

/** That just one comparison is given is a rule of the API. */
function headerNameMatch(allowed: AllowedHeader): HeaderNameMatch {
  const { exact, prefix, suffix, contains, ignoreCase = false } = allowed;
  if (exact !== undefined) return { kind: "exact", text: exact, ignoreCase };
  if (prefix !== undefined) return { kind: "prefix", text: prefix, ignoreCase };
  if (suffix !== undefined) return { kind: "suffix", text: suffix, ignoreCase };
  return { kind: "contains", text: contains ?? "", ignoreCase };
}
