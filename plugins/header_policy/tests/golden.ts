/**
 * Goldens: what users write, and what Envoy is told. A case is a folder of `tests/golden`; its
 * `in.yaml` holds the policies that reach a host or route, the nearest first, and `out.yaml` what comes
 * of them, without the wrapping that is always the same (`tests/wrapping_test.ts` shows it).
 */
import { dump, load } from "js-yaml";
import { contribution } from "../contribution.ts";
import type { Message } from "../envoy/message.ts";
import { Settings } from "../settings/settings.ts";

const folder = new URL("golden/", import.meta.url);

/** The cases by name. */
export function cases(): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** The file of a case. */
export function caseFile(name: string, file: "in.yaml" | "out.yaml"): URL {
  return new URL(`${name}/${file}`, folder);
}

/** What the policies of a case come to, as YAML. */
export function outputOf(text: string): string {
  const policies = load(text);
  if (!Array.isArray(policies)) throw new TypeError("A case has a list of policies");
  const parsed = policies.map((policy: unknown) => Settings.safeParse(policy));
  const problems = parsed.flatMap(({ error }, index) =>
    (error?.issues ?? []).map(({ path, message }) => ({
      policy: index,
      path: path.join("."),
      message,
    }))
  );
  if (problems.length > 0) return yaml({ problems });
  const layers = parsed.flatMap(({ data }, index) =>
    data === undefined ? [] : [{ settings: data, id: `policy ${index}`, namespace: "shop" }]
  );
  const { filters, roles, diagnostics } = contribution(layers, "host");
  return yaml({
    ...Object.fromEntries(
      Object.entries(filters).map((
        [name, message],
      ) => [name, mutationsOf(message) ?? plain(message)]),
    ),
    ...(roles.cors === undefined ? {} : { cors: plain(roles.cors) }),
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
  });
}

/** The mutations in what the composite filter is told; `undefined`: it is another filter. */
export function mutationsOf(setting: Message): unknown {
  if (!String(setting["@type"]).endsWith(".CompositePerRoute")) return undefined;
  let value: unknown = setting;
  for (
    const key of [
      "matcher",
      "onNoMatch",
      "action",
      "typedConfig",
      "filterChain",
      "typedConfig",
      "0",
      "typedConfig",
      "mutations",
    ]
  ) value = Reflect.get(Object(value), key);
  return Object.values(Object(value)).flat();
}

function plain({ "@type": _type, ...message }: Message): Message {
  return message;
}

function yaml(value: unknown): string {
  return dump(value, { lineWidth: 100, noRefs: true });
}
