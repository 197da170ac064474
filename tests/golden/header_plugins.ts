import {
  type Admission,
  admit,
  furnish,
  type Furnishing,
  inProcess,
} from "../../controller/plugin/mod.ts";
import type { Header } from "./header.ts";

/** The plugins that a header asks for: files of tests/plugins. Absent: none. */
export async function headerPlugins({ plugins }: Header): Promise<HeaderPlugins> {
  if (plugins.length === 0) return {};
  const requested = await Promise.all(plugins.map(async (name) => {
    const { default: plugin } = await import(`../plugins/${name}.ts`);
    return { plugin: inProcess(plugin), from: name };
  }));
  const { policyKinds, plugins: admitted } = admit(requested);
  return { policyKinds, furnishing: furnish(admitted) };
}

/** See {@link headerPlugins}. */
export interface HeaderPlugins {
  readonly policyKinds?: Admission["policyKinds"];
  readonly furnishing?: Furnishing;
}
