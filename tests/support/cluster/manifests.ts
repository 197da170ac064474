/** Reading manifests, and applying them to a test cluster. */
import { load, loadAll } from "js-yaml";
import { eventually } from "../wait.ts";

/** An object as it is written. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Sends one request; the cluster's, as its administrator. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<unknown>;

/**
 * The objects of YAML files, or of all files of folders, in the order of their names. What is meant
 * for kustomize is passed over.
 */
export async function readManifests(...paths: readonly string[]): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    if ((await Deno.stat(path)).isDirectory) {
      const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
      manifests.push(...await readManifests(...names.map((name) => `${path}/${name}`)));
    } else if (/\.ya?ml$/.test(path)) {
      const documents = loadAll(await Deno.readTextFile(path)).filter(Boolean) as Manifest[];
      manifests.push(...documents.filter(({ kind }) => kind !== "Kustomization"));
    }
  }
  return manifests;
}

/** The one object of a text. */
export function manifest(text: string): Manifest {
  return load(text) as Manifest;
}

/** Applies manifests, finding out by itself where their kinds are served. */
export class Applier {
  readonly #send: Send;
  readonly #served = new Map<string, ReadonlyMap<string, ServedKind>>();

  constructor(send: Send) {
    this.#send = send;
  }

  /**
   * Applies objects in their order, on the server's side. Rejects with what the server says of one
   * that it refuses. After a CustomResourceDefinition its kind can be used at once.
   */
  async apply(manifests: readonly Manifest[]): Promise<void> {
    for (const object of manifests) {
      await this.#send(
        "PATCH",
        `${await this.pathOf(object)}?fieldManager=test&force=true`,
        object,
        "application/apply-patch+yaml",
      );
      if (object.kind === "CustomResourceDefinition") await this.#established(object);
    }
  }

  /** Where an object is: `/apis/projectcontour.io/v1/namespaces/default/httpproxies/shop`. */
  async pathOf({ apiVersion, kind, metadata }: Manifest): Promise<string> {
    const root = `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}`;
    const { name, namespaced } = await this.#kind(root, kind);
    const place = namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root}${place}/${name}/${metadata.name}`;
  }

  async #kind(root: string, kind: string): Promise<ServedKind> {
    const known = this.#served.get(root)?.get(kind);
    if (known !== undefined) return known;
    const { resources } = await this.#send("GET", root) as {
      readonly resources: readonly ServedKind[];
    };
    const kinds = new Map(
      resources.filter(({ name }) => !name.includes("/")).map((each) => [each.kind, each]),
    );
    this.#served.set(root, kinds);
    const found = kinds.get(kind);
    if (found === undefined) throw new Error(`The cluster serves no ${kind} at ${root}`);
    return found;
  }

  async #established(definition: Manifest): Promise<void> {
    const { group, names, versions } = definition["spec"] as CrdSpec;
    await eventually(`${definition.metadata.name} is served`, async () => {
      for (const { name } of versions.filter(({ served }) => served)) {
        await this.#send("GET", `/apis/${group}/${name}/${names.plural}?limit=1`);
        this.#served.delete(`/apis/${group}/${name}`);
        await this.#kind(`/apis/${group}/${name}`, names.kind);
      }
      return true;
    }, { withinMs: 30_000 });
  }
}

interface ServedKind {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly plural: string; readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}
