/** What we say of recorded worlds, without a cluster. */
import { isIP } from "node:net";
import { type KubeObject, parseObject } from "../../../controller/api/mod.ts";
import { configure, settingsOf } from "../../../controller/configuration/mod.ts";
import { defaultSettings, type Settings } from "../../../controller/store/mod.ts";
import { statuses } from "../../../controller/translation/mod.ts";
import type { Manifest } from "../../support/cluster/mod.ts";
import { type Answer, answerOf } from "./answer.ts";
import { type Pem, secrets, services } from "./generator/surroundings.ts";
import { namespacesOf } from "./generator/world.ts";
import type { RecordedWorld } from "./recording.ts";
import type { Variant } from "./variants.ts";

/** Our answers to the objects of a world, by `Kind/namespace/name`; without one there is no status. */
export function ourAnswers(
  variant: Variant,
  { name, objects }: RecordedWorld,
  pem: Pem,
): ReadonlyMap<string, Answer> {
  const namespaces = namespacesOf(name);
  const taken = new Set(variant.later ?? []);
  const all = [
    ...["shared", ...namespaces].flatMap((each) => [...services(each), ...secrets(each, pem)]),
    ...variant.shared.filter((object) => !taken.has(object)),
    ...objects.map(({ of }) => of),
  ];
  const judged = statuses(all.map(parsed), settings(variant, namespaces));
  const addresses = variant.flags.ingressStatusAddress?.split(",")
    .map((text) => isIP(text) ? { ip: text } : { hostname: text });
  return new Map(judged.flatMap(({ key, status, extensionStatus }) => {
    const written = status ?? extensionStatus;
    const answer = written === undefined ? undefined : answerOf(key.kind, unnumbered(written));
    const more = addresses === undefined || key.kind === "ExtensionService" ? {} : { addresses };
    if (answer === undefined && Object.keys(more).length === 0) return [];
    return [[`${key.kind}/${key.namespace}/${key.name}`, { ...answer, ...more }]];
  }));
}

/** As the API server takes it, which has refused what does not fit a schema. */
function parsed(manifest: Manifest): KubeObject {
  const result = parseObject(structuredClone(manifest), { strict: true });
  if (result.kind === "object") return result.object;
  throw new Error(`Cannot read ${JSON.stringify(manifest)}: ${JSON.stringify(result)}`);
}

/** As JSON, like what stands in a cluster. */
function unnumbered(status: unknown): unknown {
  return JSON.parse(JSON.stringify(status));
}

function settings(
  { configuration: text, flags }: Variant,
  namespaces: readonly string[],
): Settings {
  const { ingressClassName, rootsInFirstNamespace = false } = flags;
  const result = configure({
    source: { kind: "file", name: "contour.yaml", text },
    flags: {
      ...(ingressClassName === undefined
        ? {}
        : { ingress: { classNames: ingressClassName.split(",") } }),
      ...(rootsInFirstNamespace ? { httpproxy: { rootNamespaces: namespaces.slice(0, 1) } } : {}),
    },
    namespace: "projectcontour",
  });
  if (!result.ok) throw new Error(`Cannot use ${text}: ${JSON.stringify(result)}`);
  return { ...defaultSettings, ...settingsOf(result.configuration), nowMs: Date.UTC(2026, 11) };
}
