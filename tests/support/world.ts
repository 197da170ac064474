/**
 * Worlds made by chance: objects of all kinds that refer to one another, right and wrong, and scripts
 * of edits to them. The same seed gives the same script.
 */
import { keyOf, type KubeObject, type ObjectKey } from "../../controller/api/mod.ts";
import type { Settings } from "../../controller/store/mod.ts";
import { type CertificateForm, certificateSecret } from "../golden/certificates.ts";
import { httpProxy } from "./world/http_proxy.ts";
import { ingress } from "./world/ingress.ts";
import { extensionService, otherKinds } from "./world/other_kinds.ts";
import { delegation, endpointSlice, names, service } from "./world/surroundings.ts";
import { parsed } from "./world/parsed.ts";
import { Random } from "./world/random.ts";
import { randomSettings } from "./world/settings.ts";

export { parsed, Random };

/** One change. */
export type Edit =
  | { readonly kind: "apply"; readonly object: KubeObject }
  | { readonly kind: "delete"; readonly key: ObjectKey }
  | { readonly kind: "configure"; readonly settings: Settings };

/** Edits in the batches in which they are to be taken in. */
export type Script = readonly (readonly Edit[])[];

/** Contents for Secrets, made once since keys take time: their bytes are not the same twice. */
export type SecretPool = readonly KubeObject[];

/** Secrets that can serve, that others can be checked by, both, or neither. */
export async function secretPool(): Promise<SecretPool> {
  const make = (form: CertificateForm) =>
    certificateSecret({ namespace: "a", name: form, host: "a.test", form });
  const [ca, valid, expired, ...unusable] = await Promise.all(
    (["ca", "valid", "expired", "wrong-key", "no-pem"] as const).map(make),
  );
  const both = [valid, expired].map((secret) => ({
    ...secret,
    data: { ...ca?.data, ...secret?.data },
  } as KubeObject));
  return [
    ...both,
    ...both,
    ...both,
    ...[ca, valid, ...unusable].filter((secret) => secret !== undefined),
  ];
}

/** A script in which objects appear, change, break, are mended and vanish, and settings change. */
export function randomScript(seed: number, secrets: SecretPool): Script {
  const random = new Random(seed);
  const held = new Map<string, KubeObject>();
  const batch = (size: number) =>
    Array.from({ length: size }, () => {
      const edit = randomEdit(random, held, secrets);
      if (edit.kind === "apply") held.set(JSON.stringify(keyOf(edit.object)), edit.object);
      if (edit.kind === "delete") held.delete(JSON.stringify(edit.key));
      return edit;
    });
  return [
    beginning(random, secrets, held),
    [{ kind: "configure", settings: randomSettings(random) }],
    ...Array.from({ length: 5 + random.below(6) }, () => batch(1 + random.below(4))),
  ];
}

/** Enough for something to be served from the first step on. */
function beginning(
  random: Random,
  secrets: SecretPool,
  held: Map<string, KubeObject>,
): readonly Edit[] {
  const objects = [
    ...names.namespaces.flatMap((namespace) => [
      ...[...names.roots, ...names.parts].filter(() => random.chance(0.8)).map((name) =>
        parsed(httpProxy(random, { mistakes: 0, namespace, name }))
      ),
      ...names.services.map((name) => parsed(service(random, { namespace, name }))),
    ]),
    ...Array.from({ length: 4 }, () => parsed(endpointSlice(random))),
    ...names.namespaces.map((namespace) => secret(random, secrets, namespace)),
    secret(random, secrets),
    ...Array.from({ length: 2 }, () => parsed(extensionService(random))),
  ];
  for (const object of objects) held.set(JSON.stringify(keyOf(object)), object);
  return [...held.values()].map((object) => ({ kind: "apply", object }));
}

function randomEdit(
  random: Random,
  held: ReadonlyMap<string, KubeObject>,
  secrets: SecretPool,
): Edit {
  const known = random.pick([...held.values()]);
  const dice = random.next();
  if (known !== undefined && dice < 0.15) return { kind: "delete", key: keyOf(known) };
  if (known !== undefined && dice < 0.2) return { kind: "apply", object: known };
  if (known !== undefined && dice < 0.25) return { kind: "apply", object: touched(random, known) };
  if (dice < 0.3) return { kind: "configure", settings: randomSettings(random) };
  return { kind: "apply", object: randomObject(random, secrets) };
}

function randomObject(random: Random, secrets: SecretPool): KubeObject {
  // Mostly HTTPProxies: what is mended is made without mistakes, what is broken full of them.
  const mistakes = random.of([0, 0, 0, 0.05, 0.3]);
  return random.of<() => KubeObject>([
    ...Array.from({ length: 8 }, () => () => parsed(httpProxy(random, { mistakes }))),
    () => parsed(service(random)),
    () => parsed(service(random)),
    () => parsed(endpointSlice(random)),
    () => parsed(endpointSlice(random)),
    () => secret(random, secrets),
    () => secret(random, secrets),
    () => parsed(delegation(random)),
    () => parsed(ingress(random)),
    () => parsed(ingress(random)),
    () => parsed(ingress(random)),
    () => parsed(extensionService(random)),
    () => parsed(otherKinds(random)),
  ])();
}

/** Something that does not matter, or that does to some: annotations, generation. */
function touched(random: Random, object: KubeObject): KubeObject {
  const annotations = {
    ...object.metadata.annotations,
    ...random.of<Record<string, string>>([
      { "example.com/note": String(random.below(100)) },
      { "projectcontour.io/max-connections": random.of(["1", "2", "none"]) },
      { "projectcontour.io/ingress.class": random.of(["contour", "other", ""]) },
    ]),
  };
  const generation = random.below(5);
  return { ...object, metadata: { ...object.metadata, annotations, generation } } as KubeObject;
}

function secret(
  random: Random,
  secrets: SecretPool,
  namespace = random.of(names.namespaces),
): KubeObject {
  const content = random.of(secrets);
  const name = random.of(names.secrets);
  return { ...content, metadata: { namespace, name } } as KubeObject;
}
