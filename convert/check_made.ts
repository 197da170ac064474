import { formatPath, parseObject } from "../controller/api/mod.ts";
import type { NoteSource } from "./note.ts";
import type { Workshop } from "./workshop.ts";

/** Notes objects that an API server would refuse, since the input holds what no HTTPProxy may. */
export function checkMade({ made, notes, sources }: Workshop): void {
  const all = [...sources.ingresses, ...sources.ingressRoutes, ...sources.delegations];
  const known = new Map<string, NoteSource>(all.map(({ id, note }) => [id, note]));
  for (const { object, sources, namespace, name, host } of made) {
    const result = parseObject(structuredClone(object), { strict: true });
    const source = known.get(sources[0] ?? "");
    if (result.kind !== "refused" || source === undefined) continue;
    for (const { path, message } of result.problems) {
      const at = formatPath(path);
      notes.add(source, "", {
        verdict: "lost",
        subject: `${object.kind}/${namespace}/${name} ${at}`,
        message: `no cluster takes it before this is mended: ${message}`,
        place: { within: at.startsWith("spec.virtualhost") ? "virtualhost" : "spec", host },
      });
    }
  }
}
