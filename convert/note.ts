import type { Position } from "../controller/api/mod.ts";

/**
 * What became of one thing an input object says. `kept`: it behaves as before, or never had an effect.
 * `approximated`: the message says how it differs. `lost`: the message says what to do. `unknown`: we
 * do not know what it was for.
 */
export type Verdict = (typeof verdicts)[number];

/** Every {@link Verdict}, the worst last. */
export const verdicts = ["kept", "approximated", "lost", "unknown"] as const;

/** One line of the report. */
export interface Note {
  readonly verdict: Verdict;
  /** The object it is about: `Ingress/web/shop`. */
  readonly object: string;
  /** Where in that object: `metadata.annotations["…/limit-rps"]`; empty for the whole. */
  readonly path: string;
  /** Where that is written. */
  readonly position: Position;
  /** What it is about, in a few words: `nginx.ingress.kubernetes.io/limit-rps: "10"`. */
  readonly subject: string;
  /** How it differs, or what to do; empty when nothing has to be said. */
  readonly message: string;
  /** Where in the output it went, or would have gone. */
  readonly targets: readonly Target[];
}

/** A place in the output. */
export interface Target {
  /** `HTTPProxy/web/shop` */
  readonly object: string;
  /** `spec.routes[0].services` */
  readonly path: string;
  /** The file it is written to, and the line. */
  readonly file: string;
  readonly line: number;
}

/** A note whose places in the output are not known yet. */
export interface NoteDraft extends Omit<Note, "targets" | "position"> {
  readonly source: NoteSource;
  readonly place: Place;
}

/** The object a note is about. */
export interface NoteSource {
  readonly id: string;
  readonly locate: (path: string, at?: "key" | "value") => Position;
}

/**
 * Where in what is made of an object a note belongs. It ends up at the nearest thing there is: a
 * field of the first route that comes from the origin, that route, or the whole spec.
 */
export interface Place {
  readonly within: "virtualhost" | "routes" | "spec" | "metadata" | "nowhere";
  /** A field such as `rateLimitPolicy`. */
  readonly field?: string;
  /** Only routes that come of this path of the source: `spec.rules[0].http.paths[1]`. */
  readonly origin?: string;
  /** Only this host. */
  readonly host?: string;
}

/** Collects notes, in the order in which things are found. */
export class Notes {
  readonly drafts: NoteDraft[] = [];

  /** Notes something about a part of an object. */
  add(
    source: NoteSource,
    path: string,
    note: {
      readonly verdict: Verdict;
      readonly subject: string;
      readonly message?: string;
      readonly place?: Place;
    },
  ): void {
    const { verdict, subject, message = "", place = { within: "spec" } } = note;
    this.drafts.push({ source, object: source.id, path, verdict, subject, message, place });
  }
}
