import {
  type Diagnostic,
  keyId,
  keyOf,
  type Kind,
  type KubeObject,
  type ObjectKey,
  type PolicyKinds,
  type Position,
} from "../controller/api/mod.ts";
import { defaultEnvoyOptions, type EnvoyOptions } from "../controller/envoy/mod.ts";
import { FileTable, parseManifest } from "../controller/files/mod.ts";
import type { PluginSet } from "../controller/plugin/mod.ts";
import { defaultSettings, type Settings } from "../controller/store/mod.ts";
import { type AssumedObject, assumedObjects, assumedSettings } from "./assumed.ts";
import { codeRow, type LintCode } from "./codes.ts";
import { byPlace, type Finding } from "./finding.ts";
import { Manuscript } from "./manuscript.ts";
import { pluginAdvice, pluginFinding } from "./plugin_rules.ts";
import type { RuleContext } from "./rule.ts";
import { rules } from "./rules.ts";
import { deprecated } from "./rules/deprecated.ts";
import { legacyKind, suggested } from "./suggestion.ts";
import { suppress } from "./suppression.ts";
import { type Verdicts, verdicts } from "./verdicts.ts";

/**
 * Reads the objects of files and says what is wrong with them: what an API server would refuse, the
 * verdict of the controller, and advice. Same files, same report.
 *
 * @example
 * ```ts
 * import { lint } from "../mod.ts";
 *
 * const text = `
 * apiVersion: projectcontour.io/v1
 * kind: HTTPProxy
 * metadata: { name: shop }
 * spec:
 *   virtualhost: { fqdn: shop.example.com }
 *   routes:
 *     - services: [{ name: shop, port: 80 }]
 *       timeoutPolicy: { response: 10 s }
 * `;
 * const { findings: [finding] } = lint([{ file: "shop.yaml", text }]);
 * if (finding?.code !== "CTR005" || finding.position?.line !== 9) throw new Error("Not found");
 * ```
 */
export function lint(files: Iterable<SourceFile>, options: LintOptions = {}): LintReport {
  const { namespace = "default", policyKinds } = options;
  const table = new FileTable();
  const texts = new Map<string, string>();
  for (const { file, text } of files) {
    texts.set(file, text);
    table.put(file, parseManifest(text, { file, namespace, policyKinds }));
  }
  const { applied } = table.drain();
  return judge({
    objects: applied,
    diagnostics: table.diagnostics(),
    locate: (key, path, at) => table.locate(key, path, at),
    texts,
  }, options);
}

/** A file by the name that positions give it. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** How to judge. */
export interface LintOptions {
  /** Where objects are that name no namespace; `default` if left out. */
  readonly namespace?: string;
  /** Whether a Service, Secret or ExtensionService that the files do not hold is missing. */
  readonly strictRefs?: boolean;
  /** Objects that are there beside those of the files, and of which nothing is told. */
  readonly background?: readonly KubeObject[];
  /** Whether an object would be among those given if it existed; of a cluster it would. */
  readonly isSeen?: (key: ObjectKey) => boolean;
  /** Codes to look for alone, or their beginnings: `CTR4`. All if left out. */
  readonly select?: readonly string[];
  /** Codes, or their beginnings, to pass over. */
  readonly ignore?: readonly string[];
  /** Milliseconds since 1970, to judge certificates by; 0 or left out: they are not. */
  readonly nowMs?: number;
  /** Certificates with fewer days left are told; 30 if left out. */
  readonly certificateDays?: number;
  /** What the operator configured, where it is not the default. */
  readonly settings?: Partial<Settings>;
  /** How Envoy is set up. */
  readonly envoy?: EnvoyOptions;
  /** Plugins in use; what they add for all hosts is part of `envoy`. */
  readonly plugins?: PluginSet;
  /** The kinds that they add. */
  readonly policyKinds?: PolicyKinds;
}

/** What lint says. */
export interface LintReport {
  /** By file, line and column. */
  readonly findings: readonly Finding[];
  /** Those that a comment or an annotation silences. */
  readonly suppressed: readonly Finding[];
  /** What is referred to, stands in none of the files, and was taken to exist; by kind and name. */
  readonly assumed: readonly ObjectKey[];
  /** Files read, and different objects in them. */
  readonly files: number;
  readonly objects: readonly ObjectKey[];
}

/** What was read of files: see {@link lint}. */
export interface LintContents {
  readonly objects: readonly KubeObject[];
  readonly diagnostics: readonly Diagnostic[];
  readonly locate: (key: ObjectKey, path: string, at?: "key" | "value") => Position | undefined;
  /** By file. */
  readonly texts: ReadonlyMap<string, string>;
}

/** {@link lint} for files that are read already. */
export function judge(contents: LintContents, options: LintOptions = {}): LintReport {
  const nowMs = options.nowMs ?? 0;
  const told: Settings = { ...defaultSettings, ...options.settings, nowMs };
  const { isSeen = () => false } = options;
  const all = [...contents.objects, ...options.background ?? []];
  const settings = options.strictRefs ? told : assumedSettings(all, told);
  const assumed = options.strictRefs
    ? []
    : assumedObjects(all, settings).filter(({ key }) => !isSeen(key));
  const found = verdicts([...all, ...assumed.map(({ object }) => object)], {
    settings,
    envoy: options.envoy ?? defaultEnvoyOptions,
    plugins: options.plugins,
  });

  const manuscript = new Manuscript(contents);
  const given = new Set(contents.objects.map((object) => keyId(keyOf(object))));
  const findings: Finding[] = contents.diagnostics.map((diagnostic) => {
    const legacy = legacyKind(diagnostic);
    const finding = manuscript.finding(diagnostic);
    return legacy === undefined ? finding : legacyFinding(finding, legacy);
  });
  let names: ReadonlyMap<string, readonly string[]> | undefined;
  const namesOf = (kind: ObjectKey["kind"], namespace: string) =>
    (names ??= namesByNamespace(all)).get(`${kind} ${namespace}`) ?? [];
  const brokenIn = brokenFiles(contents.diagnostics, given);
  for (const { key, diagnostics } of found.statuses.values()) {
    for (const diagnostic of diagnostics) {
      const object = diagnostic.object ?? key;
      if (!given.has(keyId(object))) continue;
      findings.push(
        manuscript.finding(suggested({ ...diagnostic, object }, { namesOf, brokenIn })),
      );
    }
  }
  const context = ruleContext(all, found, options);
  for (const { code, row, check } of rules) {
    if (!isWanted(code, options)) continue;
    for (const advice of check(context)) {
      if (given.has(keyId(advice.object))) findings.push(manuscript.advice(code, row, advice));
    }
  }
  if (isWanted(pluginFinding.code, options)) {
    for (const advice of pluginAdvice(all, options.plugins)) {
      const { object, path = "", severity, message, position, hint } = advice;
      const { code, row } = pluginFinding;
      if (object === undefined) {
        const told = { code, severity, path, message };
        findings.push({
          ...told,
          ...(position === undefined ? {} : { position }),
          ...(hint === undefined ? {} : { hint }),
        });
      } else if (given.has(keyId(object))) {
        findings.push(manuscript.advice(code, row, { ...advice, object, path }));
      }
    }
  }
  const { kept, suppressed } = suppress(
    once(findings).filter(({ code }) => isWanted(code, options)),
    { ...contents, isWanted: (code) => isWanted(code, options) },
  );
  return {
    findings: kept.sort(byPlace),
    suppressed: suppressed.sort(byPlace),
    assumed: worthTelling(assumed),
    files: filesRead(contents),
    objects: contents.objects.map(keyOf),
  };
}

/** Those that were read, and those that hold something else than text, or too much of it. */
function filesRead({ texts, diagnostics }: LintContents): number {
  const files = new Set(texts.keys());
  for (const { code, position } of diagnostics) {
    if (position !== undefined && (code === "CTR001" || code === "CTR013")) {
      files.add(position.file);
    }
  }
  return files.size;
}

function ruleContext(
  objects: readonly KubeObject[],
  { statuses, hosts }: Verdicts,
  { nowMs = 0, certificateDays = 30 }: LintOptions,
): RuleContext {
  const byId = new Map(objects.map((object) => [keyId(keyOf(object)), object]));
  const byKind = Map.groupBy(objects, ({ kind }) => kind);
  return {
    objects,
    ofKind: <K extends Kind>(kind: K) =>
      (byKind.get(kind) ?? []) as Extract<KubeObject, { kind: K }>[],
    get: <K extends Kind>(kind: K, { namespace, name }: { namespace: string; name: string }) =>
      byId.get(keyId({ kind, namespace, name })) as Extract<KubeObject, { kind: K }> | undefined,
    hosts,
    hasErrors: (key) =>
      statuses.get(keyId(key))?.diagnostics
        .some(({ severity }) => severity === "error") ?? false,
    isOurs: (key) => statuses.has(keyId(key)),
    nowMs,
    certificateDays,
  };
}

function namesByNamespace(
  objects: readonly KubeObject[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { kind, metadata: { namespace, name } } of objects) {
    const list = names.get(`${kind} ${namespace}`) ?? [];
    list.push(name);
    names.set(`${kind} ${namespace}`, list);
  }
  return names;
}

/** Where objects stand that have mistakes and so are not among those given. */
function brokenFiles(
  diagnostics: readonly Diagnostic[],
  given: ReadonlySet<string>,
): (key: ObjectKey) => string | undefined {
  const files = new Map<string, string>();
  for (const { object, severity, position } of diagnostics) {
    if (object === undefined || severity !== "error" || given.has(keyId(object))) continue;
    if (position !== undefined) files.set(keyId(object), position.file);
  }
  return (key) => files.get(keyId(key));
}

function legacyFinding(finding: Finding, kind: string): Finding {
  return {
    ...finding,
    code: deprecated.code,
    severity: deprecated.row.severity,
    message: `${kind} is not read any more: its successor is HTTPProxy`,
  };
}

/** Whether a code was asked for. Nobody should think that what could not be read has no faults. */
function isWanted(code: LintCode, { select, ignore = [] }: LintOptions): boolean {
  const names = (prefix: string) => code.startsWith(prefix) || codeRow(code).name === prefix;
  if (unreadFiles.has(code)) return true;
  if (unreadDocuments.has(code)) return !ignore.some(names);
  if (ignore.some(names)) return false;
  return select === undefined || select.length === 0 || select.some(names);
}

/** Codes of files that were not looked at. They are told whatever is asked for. */
const unreadFiles: ReadonlySet<LintCode> = new Set(["CTR013", "CTR015"]);

/** Codes of documents of which nothing was read. They have to be ignored by name to be silent. */
const unreadDocuments: ReadonlySet<LintCode> = new Set(["CTR001", "CTR012", "CTR014"]);

/** An alias is one place of the text for several of the object; it is told once. */
function once(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const { code, object, position, message, path } = finding;
    const place = position === undefined ? path : JSON.stringify(position);
    const substance = JSON.stringify([code, object && keyId(object), place, message]);
    return !seen.has(substance) && seen.add(substance);
  });
}

/** What stands in for others only to make them complete is not worth a word. */
function worthTelling(assumed: readonly AssumedObject[]): ObjectKey[] {
  return assumed.map(({ key }) => key)
    .filter(({ kind, name }) => !name.startsWith("assumed") || kind === "HTTPProxy")
    .map((key) =>
      key.kind === "HTTPProxy" ? { ...key, name: key.name.replace("assumed.root-of.", "") } : key
    )
    .sort((a, b) => keyId(a) < keyId(b) ? -1 : 1);
}
