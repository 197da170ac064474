/** Volumes of Pods as folders of this machine. */
import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import { type Api, corePath } from "../api.ts";
import type { Container, Pod, Volume } from "./pod.ts";

/** A folder for each volume, below the folder of the Pod. Waits for Secrets and ConfigMaps. */
export class Volumes {
  readonly #api: Api;
  readonly #folder: string;
  readonly #pod: Pod;

  constructor(api: Api, folder: string, pod: Pod) {
    this.#api = api;
    this.#folder = folder;
    this.#pod = pod;
  }

  /** Makes them; rejects when the signal aborts before everything is there. */
  async make(signal: AbortSignal): Promise<void> {
    for (const volume of this.#pod.spec.volumes ?? []) {
      const folder = this.#of(volume.name);
      await Deno.mkdir(folder, { recursive: true });
      for (const [name, bytes] of await this.#files(volume, signal)) {
        await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
        await Deno.writeFile(join(folder, name), bytes);
      }
    }
  }

  /** Which folder appears where in a container: its path here, and there. */
  mounts(container: Container): readonly (readonly [here: string, there: string])[] {
    return (container.volumeMounts ?? []).map(({ name, mountPath }) => [this.#of(name), mountPath]);
  }

  #of(name: string): string {
    return join(this.#folder, "volumes", name);
  }

  async #files(volume: Volume, signal: AbortSignal): Promise<(readonly [string, Uint8Array])[]> {
    const { secret, configMap } = volume;
    if (secret !== undefined) {
      const data = await this.#data("secrets", secret.secretName, signal);
      return files(data, secret.items, (text) => Buffer.from(text, "base64"));
    }
    if (configMap !== undefined) {
      const data = await this.#data("configmaps", configMap.name, signal);
      return files(data, configMap.items, (text) => new TextEncoder().encode(text));
    }
    return [];
  }

  async #data(
    resource: string,
    name: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    for (;;) {
      signal.throwIfAborted();
      const path = corePath(resource, this.#pod.metadata.namespace, name);
      const object = await this.#api.find(path) as
        | { readonly data?: Readonly<Record<string, string>> }
        | undefined;
      if (object !== undefined) return object.data ?? {};
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function files(
  data: Readonly<Record<string, string>>,
  items: readonly { readonly key: string; readonly path: string }[] | undefined,
  decode: (text: string) => Uint8Array,
): (readonly [string, Uint8Array])[] {
  const chosen = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return chosen.map(({ key, path }) => [path, decode(data[key] ?? "")]);
}
