import { formatPath, parseObject } from "../controller/api/mod.ts";
import type { NoteSource } from "./note.ts";
import { type Made, madeId } from "./output.ts";
import type { Workshop } from "./workshop.ts";

/**
 * Takes out what an API server would refuse, since the input holds what no HTTPProxy may, and notes
 * it. A route that cannot be as it should answers 503 rather than nothing; what has no other form is
 * left out as a whole. So whatever is written can be applied.
 */
export function checkMade(workshop: Workshop): void {
  const { made, notes, sources } = workshop;
  const all = [...sources.ingresses, ...sources.ingressRoutes, ...sources.delegations];
  const known = new Map<string, NoteSource>(all.map(({ id, note }) => [id, note]));
  for (const [index, before] of made.entries()) {
    let now: Made | undefined = before;
    for (let round = 0; now !== undefined && round < mostRounds; round++) {
      const problem = firstProblem(now);
      if (problem === undefined) break;
      const { object: { kind }, namespace, name, host } = now;
      const source = known.get(now.sources[0] ?? "");
      const mended: Made | undefined = round === mostRounds - 1
        ? undefined
        : without(now, problem.at);
      if (source !== undefined) {
        notes.add(source, "", {
          verdict: "lost",
          subject: `${kind}/${namespace}/${name} ${problem.at}`,
          message: `${problem.message}: ${
            mended === undefined ? "no cluster takes it, so it is left out" : "it is left out"
          }; write it by hand`,
          place: mended === undefined ? { within: "nowhere" } : {
            within: problem.at.startsWith("spec.virtualhost") ? "virtualhost" : "spec",
            host,
          },
        });
      }
      now = mended;
    }
    if (now !== before) workshop.made[index] = now ?? { ...before, isLeftOut: true };
  }
  const left = new Set(workshop.made.filter(({ isLeftOut }) => isLeftOut === true).map(madeId));
  if (left.size === 0) return;
  const kept = workshop.made.filter((each) => !left.has(madeId(each)));
  workshop.made.splice(0, workshop.made.length, ...kept.map((each) => withoutIncludes(each, left)));
}

/** A root that includes nothing which is not there. */
function withoutIncludes(made: Made, left: ReadonlySet<string>): Made {
  const { object, namespace: home } = made;
  if (object.kind !== "HTTPProxy" || object.spec.includes === undefined) return made;
  const includes = object.spec.includes.filter(({ name, namespace = home }) =>
    !left.has(`HTTPProxy/${namespace}/${name}`)
  );
  return { ...made, object: { ...object, spec: { ...object.spec, includes } } };
}

const mostRounds = 20;

function firstProblem(
  { object }: Made,
): { readonly at: string; readonly message: string } | undefined {
  const result = parseObject(structuredClone(object), { strict: true });
  if (result.kind !== "refused") return undefined;
  const [problem] = result.problems;
  return { at: formatPath(problem?.path ?? []), message: problem?.message ?? "it is no object" };
}

/** The object without the part at a path; `undefined` when it is nothing without that. */
function without(made: Made, at: string): Made | undefined {
  const { object, origins } = made;
  if (object.kind !== "HTTPProxy") return undefined;
  const [, text] = /^spec\.routes\[(\d+)\]/.exec(at) ?? [];
  if (text !== undefined) {
    const index = Number(text);
    const isCondition = /^spec\.routes\[\d+\]\.conditions/.test(at);
    const routes = (object.spec.routes ?? []).flatMap((route, i) => {
      if (i !== index) return [route];
      if (isCondition) return [];
      const { conditions = [], permitInsecure } = route;
      return [{
        conditions,
        directResponsePolicy: { statusCode: 503, body: "this route could not be converted" },
        ...(permitInsecure === undefined ? {} : { permitInsecure }),
      }];
    });
    return {
      ...made,
      object: { ...object, spec: { ...object.spec, routes } },
      origins: isCondition ? origins.filter((_, i) => i !== index) : origins,
    };
  }
  if (at.startsWith("spec.virtualhost.corsPolicy") && object.spec.virtualhost !== undefined) {
    const { corsPolicy: _, ...virtualhost } = object.spec.virtualhost;
    return { ...made, object: { ...object, spec: { ...object.spec, virtualhost } } };
  }
  const [, note] = /^metadata\.(annotations|labels)/.exec(at) ?? [];
  if (note !== undefined) {
    const { annotations, labels, ...metadata } = object.metadata;
    const kept = note === "annotations"
      ? { ...metadata, ...(labels === undefined ? {} : { labels }) }
      : { ...metadata, ...(annotations === undefined ? {} : { annotations }) };
    return { ...made, object: { ...object, metadata: kept } };
  }
  return undefined;
}
