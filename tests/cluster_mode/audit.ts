/** Who asked an API server for what, by the records that it keeps itself. */
import { join } from "node:path";

/** Has an API server keep records; give it {@link AuditLog.apiserverArgs}. */
export async function keepAuditLog(): Promise<AuditLog> {
  const folder = await Deno.makeTempDir({ prefix: "contour-audit-" });
  const [policy, log] = [join(folder, "policy.json"), join(folder, "audit.log")];
  const rules = [
    { level: "Metadata", resources: [{ group: "projectcontour.io" }] },
    { level: "None" },
  ];
  await Deno.writeTextFile(
    policy,
    JSON.stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived", "ResponseStarted"],
      rules,
    }),
  );
  return {
    apiserverArgs: { "audit-policy-file": policy, "audit-log-path": log },
    async requests() {
      const lines = (await Deno.readTextFile(log)).split("\n").filter((line) => line !== "");
      return lines.map(readLine).sort((a, b) => a.atMs - b.atMs);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** See {@link keepAuditLog}. */
export interface AuditLog extends AsyncDisposable {
  readonly apiserverArgs: Readonly<Record<string, string>>;
  /** All about our own kinds that are over, in the order in which they were answered. */
  requests(): Promise<readonly AuditedRequest[]>;
}

/** A request to the API server. */
export interface AuditedRequest {
  /** `system:serviceaccount:projectcontour:one`. */
  readonly user: string;
  readonly userAgent: string;
  /** `list`, `update` and so on. */
  readonly verb: string;
  /** `httpproxies/status`. */
  readonly resource: string;
  readonly name: string;
  /** HTTP status. */
  readonly code: number;
  /** When the answer was out, in milliseconds since the epoch. */
  readonly atMs: number;
}

function readLine(line: string): AuditedRequest {
  const { user, userAgent = "", verb, objectRef = {}, responseStatus, stageTimestamp } = JSON.parse(
    line,
  );
  const { resource = "", subresource, name = "" } = objectRef;
  return {
    user: user.username,
    userAgent,
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    code: responseStatus?.code ?? 0,
    atMs: Date.parse(stageTimestamp),
  };
}
