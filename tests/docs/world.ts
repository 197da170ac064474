import {
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  readManifest,
} from "../../controller/api/mod.ts";
import { configure } from "../../controller/configuration/mod.ts";
import {
  defaultSettings,
  type ReferencedObject,
  type Settings,
} from "../../controller/store/mod.ts";
import { statuses } from "../../controller/translation/mod.ts";
import { byPlace, diagnosticLines } from "../../cli/report/diagnostics.ts";
import { boxedKinds, boxedPlugins } from "../support/boxed_plugins.ts";
import { configured } from "../support/configured.ts";
import type { Example, Page } from "./page.ts";
import { suppliedObjects } from "./supplied.ts";

/** What the examples of a page make together, without those that show a mistake. */
export async function worldOf(page: Page): Promise<World> {
  const right = page.examples.filter(({ told }) => told === undefined);
  const shown = right.filter(({ language }) => language === "yaml")
    .flatMap(({ body, line }) => objectsOf(body, `${page.file}:${line}`));
  const settings: Settings = {
    ...defaultSettings,
    nowMs: Date.UTC(2030, 0),
    ...Object.assign(
      {},
      ...right.filter(({ language }) => language === "yml")
        .map(({ body }) => configured(body).settings),
    ),
  };
  const objects = byId(shown);
  const secrets = [settings.fallbackCertificate, settings.clientCertificate]
    .filter((ref): ref is ReferencedObject => ref !== undefined);
  for (const object of await suppliedObjects(shown, { secrets })) {
    if (!objects.has(idOf(object))) objects.set(idOf(object), object);
  }
  return { objects, settings };
}

/** See {@link worldOf}. */
export interface World {
  readonly objects: ReadonlyMap<string, KubeObject>;
  readonly settings: Settings;
}

/** What is told of a world. */
export function toldOf({ objects, settings }: World): Verdict {
  const found = statuses([...objects.values()], settings, boxedPlugins);
  const diagnostics = found.flatMap(({ diagnostics }) => diagnostics);
  return { lines: rendered(diagnostics), diagnostics, found };
}

/** What is told when the manifest of an example stands in place of what the world had. */
export function toldOfExample(world: World, { body, told = "" }: Example): Verdict {
  const file = /^(\S+?):\d+:\d+: /.exec(told)?.[1] ?? "shop.yaml";
  const manifest = readManifest(body, { file, policyKinds: boxedKinds });
  const objects = new Map(world.objects);
  for (const { object } of manifest.objects) objects.set(idOf(object), object);
  const found = statuses([...objects.values()], world.settings, boxedPlugins);
  const diagnostics = found.flatMap(({ key, diagnostics }) =>
    diagnostics.map((diagnostic): Diagnostic => {
      const id = keyId(diagnostic.object ?? key);
      const place = manifest.objects.find(({ object }) => idOf(object) === id);
      return place === undefined
        ? diagnostic
        : { ...diagnostic, position: place.locate(diagnostic.path) };
    })
  );
  const all = [...manifest.diagnostics, ...diagnostics].sort(byPlace);
  return { lines: rendered(all), diagnostics: all, found };
}

/** See {@link toldOf}. */
export interface Verdict {
  /** As `contour status` prints them. */
  readonly lines: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly found: ReturnType<typeof statuses>;
}

/** What `contour serve` says of a configuration file before it ends. */
export function toldOfConfiguration(text: string): string {
  const source = { kind: "file", name: "contour.yaml", text } as const;
  const result = configure({ source, flags: {}, namespace: "projectcontour" });
  if (result.ok) return "";
  return rendered(result.diagnostics) + result.problems.map((each) => `error: ${each}\n`).join("");
}

function rendered(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.filter(({ severity }) => severity !== "info")
    .map((diagnostic) => diagnosticLines(diagnostic, plain)).join("");
}

const same = (text: string) => text;
const plain = { red: same, yellow: same, green: same, blue: same, bold: same, dim: same };

function objectsOf(body: string, file: string): readonly KubeObject[] {
  const { objects, diagnostics } = readManifest(body, { file, policyKinds: boxedKinds });
  if (diagnostics.length > 0 || objects.length === 0) {
    throw new Error(`${file} is no manifest: ${rendered(diagnostics)}`);
  }
  return objects.map(({ object }) => object);
}

function byId(objects: readonly KubeObject[]): Map<string, KubeObject> {
  const result = new Map<string, KubeObject>();
  for (const object of objects) {
    if (result.has(idOf(object))) throw new Error(`${idOf(object)} stands there twice`);
    result.set(idOf(object), object);
  }
  return result;
}

const idOf = (object: KubeObject) => keyId(keyOf(object));
