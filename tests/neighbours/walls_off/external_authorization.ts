/** Takes any server of authorization. */
export * from "../../../controller/envoy/external_authorization.ts";

export function authorizationViolations(): readonly never[] {
  return [];
}
