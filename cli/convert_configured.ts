import { type Code, codes, type Diagnostic, type KubeObject } from "../controller/api/mod.ts";
import type { Settings } from "../controller/store/mod.ts";
import type { Conversion } from "../convert/mod.ts";
import { type Finding, lint } from "../lint/mod.ts";

/**
 * What a controller that is configured like this refuses or passes over of what was converted, and one
 * without a configuration would not: roots outside of its root namespaces, for example.
 *
 * @param beside what the HTTPProxies can refer to
 */
export function configuredFindings(
  { files }: Pick<Conversion, "files">,
  settings: Settings,
  beside: readonly KubeObject[],
): readonly Diagnostic[] {
  const background = beside.filter(({ kind }) => kind !== "Ingress");
  const usual = new Set(lint(files, { background }).findings.map(substance));
  return lint(files, { background, settings }).findings.filter(isVerdict)
    .filter((finding) => finding.severity !== "info" && !usual.has(substance(finding)));
}

/** Advice is not the controller's. */
function isVerdict(finding: Finding): finding is Finding & { readonly code: Code } {
  return Object.hasOwn(codes, finding.code);
}

/** Whether HTTPProxies ask for HTTP beside HTTPS where the configuration does not let them. */
export function losesPlainHttp(
  { files }: Pick<Conversion, "files">,
  { disablePermitInsecure }: Settings,
): boolean {
  return disablePermitInsecure && files.some(({ text }) => /"?permitInsecure"?: true/.test(text));
}

function substance({ code, object, path, message }: Finding): string {
  return JSON.stringify([code, object, path, message]);
}
