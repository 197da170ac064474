import type { Service } from "../controller/api/mod.ts";
import type { Backend } from "./ingress_source.ts";

/**
 * The Service and port a backend means, or why there is none. HTTPProxies want ports by number, so
 * that a name has to be looked up in the Service.
 */
export function resolveBackend(
  { target }: Backend,
  namespace: string,
  services: ReadonlyMap<string, Service>,
  { byTargetPort }: { readonly byTargetPort: boolean },
): ResolvedBackend {
  switch (target.kind) {
    case "none":
      return { ok: false, message: "the backend names no Service" };
    case "resource":
      return {
        ok: false,
        message: `the backend is a ${target.text}, and only Services are served`,
      };
    case "service":
      break;
  }
  const { name, port } = target;
  if (typeof port === "number") return { ok: true, name, port };
  const id = `${namespace}/${name}`;
  if (port === "") return { ok: false, message: `the backend names no port of Service "${id}"` };
  const service = services.get(id);
  if (service === undefined) {
    const message =
      `port "${port}" has a name, and HTTPProxies want the number: give the file with ` +
      `Service "${id}" too`;
    return { ok: false, message };
  }
  const ports = service.spec.ports ?? [];
  const found = ports.find((each) => each.name === port) ??
    (byTargetPort ? ports.find(({ targetPort }) => targetPort === port) : undefined);
  return found === undefined
    ? { ok: false, message: `Service "${id}" has no port "${port}"` }
    : { ok: true, name, port: found.port };
}

/** A backend in a word: `shop:80`. */
export function backendText({ target }: Backend): string {
  switch (target.kind) {
    case "service":
      return `${target.name}:${target.port}`;
    case "resource":
      return target.text;
    case "none":
      return "nothing";
  }
}

/** See {@link resolveBackend}. */
export type ResolvedBackend =
  | { readonly ok: true; readonly name: string; readonly port: number }
  | { readonly ok: false; readonly message: string };
