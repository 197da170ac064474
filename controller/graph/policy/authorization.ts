import {
  type AllowedHeader,
  type AuthorizationServer,
  goQuoted,
  parseTimeout,
  type Timeout,
} from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { type ExtensionServer, extensionServer } from "../extension_service.ts";
import { Fault } from "../fault.ts";
import type { ExtensionRef, ExternalAuthorization, HeaderNameMatch } from "../model.ts";
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
  const { extensionRef, serviceType } = authorization;
  if (!extensionRef?.name) return undefined;
  const version = extensionRef.apiVersion ?? supportedVersion;
  if (version !== supportedVersion) {
    const message =
      `Spec.Virtualhost.Authorization.extensionRef specifies an unsupported resource version ${
        goQuoted(version)
      }`;
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
  const response = authorizationTimeout(authorization);
  if (typeof response === "string") {
    const message = `Spec.Virtualhost.Authorization.ResponseTimeout is invalid: ${response}`;
    return new Fault("AuthError/AuthResponseTimeoutInvalid", message, "responseTimeout");
  }
  const context = Object.keys(authorization.authPolicy?.context ?? {});
  if (serviceType === "http" && context.length > 0) {
    const message =
      "Spec.Virtualhost.Authorization.AuthPolicy.Context reaches servers of serviceType grpc only";
    return new Fault("AuthError/AuthContextForHTTP", message, "authPolicy.context");
  }
  return asked(authorization, extension, server, response);
}

/** A server that is asked in any case, and why it cannot answer; absent: it can. */
export interface GlobalAuthorization {
  readonly server: ExternalAuthorization;
  readonly problem?: string;
}

/**
 * The authorization server of all hosts. Where it cannot be used it is asked all the same: it then
 * fails, and keeps everybody out unless it is configured to let requests pass at failure.
 */
export function globalExternalAuthorization(
  db: Db,
  authorization: AuthorizationServer,
): GlobalAuthorization {
  const { namespace = "", name = "" } = authorization.extensionRef ?? {};
  const extension = { namespace, name };
  const server = extensionServer(db, extension);
  const response = authorizationTimeout(authorization);
  const timeout: Timeout = typeof response === "string" ? { kind: "default" } : response;
  if (server !== undefined) return { server: asked(authorization, extension, server, timeout) };
  const nobody: ExtensionServer = { serverName: "", responseTimeout: { kind: "default" } };
  return {
    server: asked(authorization, extension, nobody, timeout),
    problem:
      `Spec.Virtualhost.Authorization.ServiceRef extension service "${namespace}/${name}" not found`,
  };
}

/** How long a server is waited for, or why that is no time. */
export function authorizationTimeout(
  { responseTimeout: text }: AuthorizationServer,
): Timeout | string {
  const response = parseTimeout(text);
  if (!response.ok) return response.message;
  return outOfRange(response.timeout) ?? response.timeout;
}

function asked(
  { serviceType, httpSettings, withRequestBody, failOpen = false }: AuthorizationServer,
  extension: ExtensionRef,
  server: ExtensionServer,
  response: Timeout,
): ExternalAuthorization {
  return {
    extension,
    serverName: server.serverName,
    timeout: response.kind === "default" ? server.responseTimeout : response,
    failOpen,
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
