/**
 * Whatever is done to policies and the objects they are for, the live translation is the one computed
 * from nothing, and in the end nothing of it is left. `SCRIPTS=5000` tries more, `SEED=17` that one.
 */
import type { HTTPProxy, ObjectKey } from "../../controller/api/mod.ts";
import { admit, furnish, inProcess } from "../../controller/plugin/mod.ts";
import { runScript } from "../incremental/script_run.ts";
import {
  type Edit,
  parsed,
  Random,
  randomScript,
  type Script,
  secretPool,
} from "../support/world.ts";
import { names } from "../support/world/surroundings.ts";
import greeting from "./greeting.ts";

const seed = Number(Deno.env.get("SEED") ?? 0);
const scripts = seed > 0 ? 1 : Number(Deno.env.get("SCRIPTS") ?? 60);

const { plugins, policyKinds } = admit([{ plugin: inProcess(greeting), from: "test" }]);
const furnishing = furnish(plugins);

Deno.test(`live equals cold with a plugin after each step of ${scripts} random scripts`, async () => {
  const secrets = await secretPool();
  const first = seed > 0 ? seed : 1;
  for (let each = first; each < first + scripts; each++) {
    const script = withPolicies(randomScript(each, secrets), new Random(each));
    try {
      runScript(script, furnishing);
    } catch (cause) {
      throw new Error(`SEED=${each} fails`, { cause });
    }
  }
});

/** The script with fields for the plugin, and policies that come, change and go. */
function withPolicies(script: Script, random: Random): Script {
  const held = new Map<string, ObjectKey>();
  return script.map((batch) => [
    ...batch.map((edit) => withFields(edit, random)),
    ...random.several(2, (): Edit => {
      const gone = random.chance(0.3) ? random.pick([...held.values()]) : undefined;
      if (gone !== undefined) {
        held.delete(JSON.stringify(gone));
        return { kind: "delete", key: gone };
      }
      const object = policy(random);
      const { kind, metadata: { namespace, name } } = object;
      const key = { kind, namespace, name };
      held.set(JSON.stringify(key), key);
      return { kind: "apply", object };
    }),
  ]);
}

function policy(random: Random) {
  const namespace = random.of(names.namespaces);
  const target = random.of([
    ...["p0", "p1", "p2"].map((name) => ({ kind: "HTTPProxy", name })),
    ...["p0", "p1"].map((name) => ({ kind: "HTTPProxy", name, sectionName: "routes[0]" })),
    { kind: "Ingress", name: "i0" },
    { kind: "Namespace", name: random.of(names.namespaces) },
  ]);
  return parsed({
    apiVersion: "greeting.example/v1alpha1",
    kind: "Greeting",
    metadata: {
      namespace,
      name: `g${random.below(5)}`,
      ...random.maybe(0.5, "creationTimestamp", () => `2025-01-0${1 + random.below(9)}T00:00:00Z`),
    },
    spec: { targetRef: target, ...settings(random) },
  }, policyKinds);
}

function settings(random: Random) {
  return {
    text: random.of(["hello", "hi!", "fail", "refuse"]),
    ...random.maybe(0.5, "loud", () => random.chance(0.5)),
  };
}

function withFields(edit: Edit, random: Random): Edit {
  if (edit.kind !== "apply" || edit.object.kind !== "HTTPProxy" || !random.chance(0.5)) return edit;
  const { metadata, spec } = edit.object;
  const plugins = () => ({
    plugins: random.chance(0.1) ? { nonsense: {} } : {
      greeting: random.chance(0.2) ? { txet: "" } : settings(random),
    },
  });
  const object: HTTPProxy = {
    ...edit.object,
    metadata: {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        ...random.maybe(0.3, "greeting.example/text", () => random.of(["noted", ""])),
      },
    },
    spec: {
      ...spec,
      ...(spec.virtualhost === undefined
        ? {}
        : { virtualhost: { ...spec.virtualhost, ...(random.chance(0.4) ? plugins() : {}) } }),
      ...(spec.routes === undefined ? {} : {
        routes: spec.routes.map((route) => random.chance(0.3) ? { ...route, ...plugins() } : route),
      }),
    },
  };
  return { kind: "apply", object };
}
