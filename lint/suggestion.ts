import { type Diagnostic, type Kind, nearest, type ObjectKey } from "../controller/api/mod.ts";

/**
 * The name that was most likely meant where an object is referred to that does not exist: a diagnostic
 * with a hint, and with what to write instead. One that is there, but broken, is hinted at, too.
 */
export function suggested(
  diagnostic: Diagnostic,
  { namesOf, brokenIn }: {
    readonly namesOf: (kind: Kind, namespace: string) => Iterable<string>;
    /** The file with an object that could not be understood. */
    readonly brokenIn: (key: ObjectKey) => string | undefined;
  },
): Diagnostic {
  if (diagnostic.hint !== undefined || !diagnostic.path.endsWith("name")) return diagnostic;
  for (const { kind, pattern } of missing) {
    const [, namespace, name] = pattern.exec(diagnostic.message) ?? [];
    if (namespace === undefined || name === undefined) continue;
    const broken = brokenIn({ kind, namespace, name });
    if (broken !== undefined) {
      return { ...diagnostic, hint: `it is in ${broken}, with mistakes that keep it out` };
    }
    const meant = nearest(name, namesOf(kind, namespace));
    if (meant === undefined || meant === name) return diagnostic;
    return { ...diagnostic, hint: `did you mean "${meant}"?`, replacement: meant };
  }
  return diagnostic;
}

const missing = [
  { kind: "Service", pattern: /service "([^"/]+)\/([^"/]+)" not found/ },
  { kind: "HTTPProxy", pattern: /include ([^\s/]+)\/([^\s/]+) not found/ },
] as const;

/**
 * Kinds that Contour once had are passed over like those of strangers; whoever still writes them is
 * told.
 */
export function legacyKind(diagnostic: Diagnostic): string | undefined {
  if (diagnostic.code !== "CTR010") return undefined;
  return /^(?:contour\.heptio\.com\/\S+ \S+|projectcontour\.io\/\S+ IngressRoute)/
    .exec(diagnostic.message)?.[0];
}
