import { formatPath, parsePath } from "../controller/api/mod.ts";
import type { Note, NoteDraft, Place, Target } from "./note.ts";
import { madeId, type Written } from "./output.ts";
import { writeYaml } from "./yaml_writer.ts";

/** How to write what was made. */
export interface RenderOptions {
  readonly format: "yaml" | "json";
  /** The file an object goes to, from the input file it belongs with. */
  readonly fileOf: (source: string) => string;
}

/** A file of the output. */
export interface OutputFile {
  readonly file: string;
  readonly text: string;
}

/** Writes the objects, with comments where something is not as it was, and places the notes. */
export function render(
  made: readonly Written[],
  drafts: readonly NoteDraft[],
  { format, fileOf }: RenderOptions,
): { readonly files: readonly OutputFile[]; readonly notes: readonly Note[] } {
  const bySource = Map.groupBy(
    made.flatMap((each) => each.sources.map((source) => ({ source, each }))),
    ({ source }) => source,
  );
  const placed = drafts.map((draft) => ({
    draft,
    places: placesOf((bySource.get(draft.object) ?? []).map(({ each }) => each), draft),
  }));
  const comments = commentsOf(placed);
  const files: OutputFile[] = [];
  const targets = new Map<Written, (path: string) => Target>();
  for (const [file, objects] of Map.groupBy(made, (each) => fileOf(each.file))) {
    let line = 0;
    const texts: string[] = [];
    for (const each of objects) {
      if (format === "json") {
        targets.set(each, (path) => ({ object: madeId(each), path, file, line: 1 }));
        continue;
      }
      const head = `---\n# From ${each.sources.join(", ")}\n`;
      const { text, lineOf } = writeYaml(each.object, comments.get(each) ?? new Map());
      const before = line + 2;
      targets.set(each, (path) => ({
        object: madeId(each),
        path,
        file,
        line: before + (lineOf.get(path) ?? 1),
      }));
      texts.push(head, text);
      line += 2 + text.split("\n").length - 1;
    }
    const list = { apiVersion: "v1", kind: "List", items: objects.map(({ object }) => object) };
    files.push({
      file,
      text: format === "json" ? `${JSON.stringify(list, null, 2)}\n` : texts.join(""),
    });
  }
  const notes = placed.map(({ draft: { source, place: _, ...rest }, places }): Note => ({
    ...rest,
    position: source.locate(rest.path, "key"),
    targets: places.flatMap(({ made, path }) => targets.get(made)?.(path) ?? []),
  }));
  return {
    files,
    notes: notes.map((note, index) => ({ note, index })).sort(byPlace).map(({ note }) => note),
  };
}

interface Placed {
  readonly made: Written;
  readonly path: string;
}

/** Where a note belongs in each of the objects that its source went into. */
function placesOf(made: readonly Written[], { object, place }: NoteDraft): readonly Placed[] {
  const all = made.filter(({ host }) => place.host === undefined || place.host === host);
  const proxies = all.filter(({ object: { kind } }) => kind !== "ExtensionService");
  if (place.within === "nowhere") return proxies.map((each) => ({ made: each, path: "" }));
  if (place.within === "routes") {
    const found = proxies.flatMap((each) => routePlaces(each, object, place));
    if (found.length > 0) return found;
  }
  if (place.within === "virtualhost") {
    const found = proxies.flatMap((each) => {
      const path = nearestPath(each, [
        "spec",
        "virtualhost",
        ...place.field === undefined ? [] : [place.field],
      ]);
      return path.startsWith("spec.virtualhost") ? [{ made: each, path }] : [];
    });
    if (found.length > 0) return found;
  }
  const owned = proxies.filter(({ sources }) => sources.length === 1);
  return (owned.length > 0 ? owned : proxies).map((each) => ({
    made: each,
    path: place.within === "metadata" ? "metadata" : "spec",
  }));
}

/** The field in the first route of a source, or that route. */
function routePlaces(made: Written, source: string, { field, origin }: Place): readonly Placed[] {
  const indexes = made.origins.flatMap((each, index) =>
    each.source === source && (origin === undefined || each.path === origin) ? [index] : []
  );
  const path = (index: number) =>
    nearestPath(made, ["spec", "routes", index, ...field === undefined ? [] : [field]]);
  const ofRules = indexes.filter((index) => made.origins[index]?.path.startsWith("spec."));
  const candidates = origin === undefined && ofRules.length > 0 ? ofRules : indexes;
  const withField = candidates.find((index) =>
    field !== undefined && path(index).includes(`.${field}`)
  );
  const index = withField ?? candidates[0];
  return index === undefined ? [] : [{ made, path: path(index) }];
}

function nearestPath({ object }: Written, segments: readonly (string | number)[]): string {
  let value: unknown = object;
  const found: (string | number)[] = [];
  for (const segment of segments) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) break;
    value = Reflect.get(value, segment);
    found.push(segment);
  }
  return formatPath(found);
}

/** The comments of each object, by the path they stand above. */
function commentsOf(
  placed: readonly { readonly draft: NoteDraft; readonly places: readonly Placed[] }[],
): ReadonlyMap<Written, ReadonlyMap<string, readonly string[]>> {
  const comments = new Map<Written, Map<string, string[]>>();
  for (const { draft, places } of placed) {
    const { verdict, subject, message, place } = draft;
    if (verdict === "kept" || place.within === "nowhere") continue;
    const text = `${verdict}: ${subject}${message === "" ? "" : `: ${message}`}`;
    for (const { made, path } of places) {
      const own = comments.get(made) ?? new Map<string, string[]>();
      const at = formatPath(parsePath(path));
      const texts = own.get(at) ?? [];
      if (!texts.includes(text)) own.set(at, [...texts, text]);
      comments.set(made, own);
    }
  }
  return comments;
}

function byPlace(
  a: { readonly note: Note; readonly index: number },
  b: { readonly note: Note; readonly index: number },
): number {
  const [first, second] = [a.note.position, b.note.position];
  if (first.file !== second.file) return first.file < second.file ? -1 : 1;
  return first.line - second.line || first.column - second.column || a.index - b.index;
}
