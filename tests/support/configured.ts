import { configure, envoyOptionsOf, settingsOf } from "../../controller/configuration/mod.ts";
import { defaultEnvoyOptions, type EnvoyOptions } from "../../controller/envoy/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";

/**
 * What a configuration file, or the spec of a ContourConfiguration, changes of the settings and
 * options of a test. Throws when there is something wrong with it, or when a key has no effect.
 */
export function configured(source: string | { readonly spec: unknown }): Configured {
  const [before, after] = [read(""), read(source)];
  return {
    settings: changed(settingsOf(before), settingsOf(after), defaultSettings),
    envoy: changed(envoyOptionsOf(before), envoyOptionsOf(after), defaultEnvoyOptions),
  };
}

/** See {@link configured}. */
export interface Configured {
  readonly settings: Partial<Settings>;
  readonly envoy: Partial<EnvoyOptions>;
}

function read(from: string | { readonly spec: unknown }) {
  const source = typeof from === "string"
    ? { kind: "file", name: "contour.yaml", text: from } as const
    : { kind: "resource", value: { ...contourConfiguration, spec: from.spec } } as const;
  const result = configure({ source, flags: {}, namespace: "projectcontour" });
  if (!result.ok) {
    throw new Error(
      [...result.problems, ...result.diagnostics.map(({ message }) => message)].join(),
    );
  }
  if (result.unusedKeys !== undefined) throw new Error(`No effect: ${result.unusedKeys}`);
  return result.configuration;
}

/** The fields of `after` that `before` has not got, or that the tests see otherwise by default. */
function changed<Value extends object>(before: Value, after: Value, usual: Value): Partial<Value> {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const of = (value: object, name: string) => Object.getOwnPropertyDescriptor(value, name)?.value;
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) =>
      !same(of(before, name), value) && !same(of(usual, name), value)
    ),
  ) as Partial<Value>;
}

const contourConfiguration = {
  apiVersion: "projectcontour.io/v1alpha1",
  kind: "ContourConfiguration",
  metadata: { name: "contour", namespace: "projectcontour" },
};
