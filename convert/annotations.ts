import { formatPath, nearest } from "../controller/api/mod.ts";
import type { AnnotationGroup, AnnotationRow } from "./annotation_row.ts";
import type { Notes, Place, Verdict } from "./note.ts";
import type { SourceIngress } from "./sources.ts";

/**
 * Reads the annotations of an Ingress that have a prefix, and sees to it that each is noted once: by
 * whoever reads it, or else as its row says.
 */
export class Annotations {
  readonly ingress: SourceIngress;
  readonly #notes: Notes;
  readonly #prefix: string;
  readonly #rows: ReadonlyMap<string, AnnotationRow>;
  readonly #defaults: Readonly<Record<string, string>>;
  readonly #values = new Map<string, { readonly key: string; readonly value: string }>();
  readonly #noted = new Set<string>();

  constructor(options: {
    readonly ingress: SourceIngress;
    readonly notes: Notes;
    /** The first one is the proper one. */
    readonly prefixes: readonly string[];
    readonly groups: readonly AnnotationGroup[];
    /** Values of what is not annotated. */
    readonly defaults?: Readonly<Record<string, string>>;
  }) {
    const { ingress, notes, prefixes, groups, defaults = {} } = options;
    this.ingress = ingress;
    this.#notes = notes;
    this.#prefix = prefixes[0] ?? "";
    this.#defaults = defaults;
    this.#rows = new Map(groups.flatMap(({ rows }) => rows).map((row) => [row.name, row]));
    for (const prefix of prefixes) {
      for (const [key, value] of Object.entries(ingress.annotations)) {
        const name = key.slice(prefix.length);
        if (key.startsWith(prefix) && !this.#values.has(name)) {
          this.#values.set(name, { key, value });
        }
      }
    }
  }

  /** Those of the Ingress that are known. */
  known(): readonly string[] {
    return [...this.#values.keys()].filter((name) => this.#rows.has(name));
  }

  /** Whether the Ingress itself says it. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value, or the default that was configured; empty for none. */
  text(name: string): string {
    return (this.#values.get(name)?.value ?? this.#defaults[name] ?? "").trim();
  }

  /** As Go's `strconv.ParseBool`; anything else is noted, and the default. */
  flag(name: string, otherwise: boolean): boolean {
    const text = this.text(name);
    if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
    if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
    if (text !== "") this.bad(name, `"${text}" is neither true nor false: ${otherwise} is used`);
    return otherwise;
  }

  /** A whole number, 0 or more. */
  number(name: string, otherwise: number): number {
    const text = this.text(name);
    if (/^\d{1,9}$/.test(text)) return Number(text);
    if (text !== "") this.bad(name, `"${text}" is no number: ${otherwise} is used`);
    return otherwise;
  }

  list(name: string): readonly string[] {
    return this.text(name).split(",").map((item) => item.trim()).filter((item) => item !== "");
  }

  /** Notes what becomes of an annotation, if the Ingress has it. What is left out the row says. */
  note(
    name: string,
    { verdict, message, place }: {
      readonly verdict?: Verdict;
      readonly message?: string;
      readonly place?: Place;
    } = {},
  ): void {
    const value = this.#values.get(name);
    if (value === undefined || this.#noted.has(name)) return;
    this.#noted.add(name);
    const row = this.#rows.get(name);
    const judged = verdict ?? row?.verdict ?? "unknown";
    this.#notes.add(this.ingress.note, formatPath(["metadata", "annotations", value.key]), {
      verdict: judged,
      subject: `${value.key}: ${shown(value.value)}`,
      message: message ?? (judged === "kept" && row?.field !== "" ? "" : row?.says ?? ""),
      place: place ?? placeOf(row),
    });
  }

  /** A value that cannot be used, and is not by the controller either. */
  bad(name: string, message: string): void {
    this.note(name, { verdict: "approximated", message });
  }

  /** Notes what nobody has read. */
  finish(): void {
    for (const [name, { key }] of this.#values) {
      if (this.#rows.has(name)) this.note(name);
      else {
        const meant = nearest(name, this.#rows.keys());
        const guess = meant === undefined ? "" : `; did you mean "${this.#prefix}${meant}"?`;
        this.note(name, { message: `no annotation "${key}" is known${guess}` });
      }
    }
  }
}

/** Where the loss of an annotation shows. */
function placeOf(row: AnnotationRow | undefined): Place {
  const field = row?.field.split(/[.[,]/)[0] ?? "";
  if (["tls", "virtualhost", "corsPolicy", "authorization"].includes(field)) {
    return { within: "virtualhost", field };
  }
  return { within: "routes", ...(field === "" ? {} : { field }) };
}

function shown(value: string): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 116)}..."` : text;
}
