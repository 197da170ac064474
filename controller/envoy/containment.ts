/**
 * Finds, in something that Envoy takes or refuses as a whole, the parts it refuses, while all other
 * parts go on changing.
 *
 * What is served is always the accepted form of every part (the ground) with the parts under trial
 * laid over it. A refusal puts the parts under trial back to their accepted form, or leaves them
 * out if they have none, and splits them in two; the halves are tried one after the other. A part
 * that was refused alone is a culprit, and is not tried again before it changes. So `k` culprits
 * among `n` parts cost O(k log n) trials, and no verdict is ever inferred: a culprit was refused as
 * the only difference to something accepted.
 *
 * A pure state machine: the caller serves what {@link names} lists whenever a method says that they changed,
 * tells under which version it did by {@link served}, and reports the verdicts.
 */
export class Containment<Part> {
  readonly #same: (a: Part, b: Part) => boolean;
  /** Forms that Envoy accepted, of parts that are still wanted. */
  readonly #ground: Map<string, Part>;
  /** Forms laid over the ground, with the moment each was. */
  readonly #trial = new Map<string, { readonly part: Part; readonly since: number }>();
  /** Forms on trial that were replaced before any verdict; they may still be accepted. */
  readonly #replaced: { readonly name: string; readonly part: Part; readonly span: Span }[] = [];
  /** Groups to be tried, the next one first. Non-empty, or with arrivals: a search is on. */
  readonly #suspects: Map<string, Part>[] = [];
  /** Changes that wait because a search is on. */
  readonly #arrivals = new Map<string, Part>();
  readonly #culprits = new Map<string, Part>();
  /** Versions without a verdict, oldest first. */
  #versions: { readonly version: string; readonly moment: number; readonly size: number }[] = [];
  #moment = 0;
  /** The trial was taken from the suspects or the arrivals, so nothing may join it. */
  #search: "off" | "suspects" | "arrivals" = "off";

  /** `ground`: what Envoy has accepted before, and is served at first. */
  constructor(same: (a: Part, b: Part) => boolean, ground: Iterable<[string, Part]> = []) {
    this.#same = same;
    this.#ground = new Map(ground);
  }

  /** Whether every part is accepted as it is wanted. */
  get isCalm(): boolean {
    return this.#search === "off" && this.#culprits.size === 0 && this.#trial.size === 0;
  }

  /** Has all that is suspected or convicted tried again. Says whether what is served changed. */
  absolve(): boolean {
    const suspected = [...this.#suspects.flatMap((group) => [...group]), ...this.#culprits];
    if (suspected.length === 0) return false;
    this.#suspects.length = 0;
    this.#culprits.clear();
    for (const [name, part] of suspected) {
      if (!this.#arrivals.has(name)) this.#arrivals.set(name, part);
    }
    for (const [name, part] of this.#arrivals) this.#lay(name, part);
    this.#arrivals.clear();
    this.#search = "off";
    return true;
  }

  /** The names of what to serve, in no particular order. */
  *names(): Iterable<string> {
    for (const name of this.#ground.keys()) if (!this.#trial.has(name)) yield name;
    yield* this.#trial.keys();
  }

  /** The form of one part to serve. */
  part(name: string): Part | undefined {
    return this.#trial.get(name)?.part ?? this.#ground.get(name);
  }

  /** Whether the part is known to be refused. */
  isCulprit(name: string): boolean {
    return this.#culprits.has(name);
  }

  /** The part is wanted in this form from now on. Says whether what is served changed. */
  set(name: string, part: Part): boolean {
    const wanted = this.#wanted(name);
    if (wanted !== undefined && this.#same(wanted, part)) return false;
    this.#forget(name);
    const ground = this.#ground.get(name);
    if (ground !== undefined && this.#same(ground, part)) {
      const withdrawn = this.#withdraw(name);
      return this.#settled() || withdrawn;
    }
    if (this.#search !== "off") {
      // An earlier form of it stays where it is until then.
      this.#arrivals.set(name, part);
      return this.#settled();
    }
    this.#lay(name, part);
    return true;
  }

  /** The part is wanted no more. Says whether what is served changed. */
  delete(name: string): boolean {
    const present = this.part(name) !== undefined;
    this.#forget(name);
    this.#withdraw(name);
    this.#ground.delete(name);
    this.#dropReplaced((entry) => entry.name === name);
    return this.#settled() || present;
  }

  /** What {@link names} lists is served under this version from now on. */
  served(version: string): void {
    this.#moment++;
    this.#versions = this.#versions.filter((entry) => entry.version !== version);
    this.#versions.push({ version, moment: this.#moment, size: this.#trial.size });
    if (this.#versions.length > longestMemory) this.#versions.shift();
    const oldest = this.#versions[0]?.moment ?? 0;
    this.#dropReplaced(({ span }) => span.end < oldest);
  }

  /** Envoy took the version. Says whether what is served changed. */
  accepted(version: string): boolean {
    const entry = this.#take(version);
    if (entry === undefined) return false;
    for (const { name, part, span } of this.#replaced) {
      // Where the ground is what is wanted, its older form is as good, and is wanted.
      if (this.#wanted(name) === this.#ground.get(name)) continue;
      if (span.start < entry.moment && entry.moment <= span.end) this.#ground.set(name, part);
    }
    for (const [name, { part, since }] of this.#trial) {
      if (since >= entry.moment) continue;
      this.#ground.set(name, part);
      this.#trial.delete(name);
    }
    // Older versions are not coming back.
    this.#versions = this.#versions.filter(({ moment }) => moment > entry.moment);
    this.#dropReplaced(({ span }) => span.end <= entry.moment);
    return this.#settled();
  }

  /**
   * Envoy refused the version. Names the culprit if that settles one, and says whether what is
   * served changed. A verdict on a version that was judged already changes nothing.
   */
  refused(version: string): { readonly culprit?: string; readonly changed: boolean } {
    const entry = this.#take(version);
    if (entry === undefined) return { changed: false };
    const group = new Map<string, Part>();
    for (const [name, { part, since }] of this.#trial) {
      if (since < entry.moment) group.set(name, part);
    }
    // All that was on trial has been replaced since: the newer version will be judged.
    if (group.size === 0) return { changed: false };
    for (const name of group.keys()) this.#trial.delete(name);
    const convicted = group.size === 1 && entry.size === 1;
    // What has changed meanwhile is judged in its new form.
    for (const name of this.#arrivals.keys()) group.delete(name);
    const [only] = group;
    let culprit: string | undefined;
    if (convicted && only !== undefined) {
      this.#culprits.set(...only);
      culprit = only[0];
    } else this.#suspects.unshift(...halves(group));
    if (this.#search === "off" && !convicted) this.#search = "arrivals";
    this.#settled();
    return { ...(culprit === undefined ? {} : { culprit }), changed: true };
  }

  /**
   * Takes up the next trial when the current one is over, and says whether it did. Groups of
   * suspects and groups of arrivals take turns, so neither waits for more than one of the other.
   */
  #settled(): boolean {
    if (this.#trial.size > 0) return false;
    while (this.#suspects[0]?.size === 0) this.#suspects.shift();
    const arrived = this.#arrivals.size > 0;
    if (this.#suspects.length === 0 && !arrived) {
      this.#search = "off";
      return false;
    }
    if (arrived && (this.#search === "suspects" || this.#suspects.length === 0)) {
      this.#search = "arrivals";
      for (const [name, part] of this.#arrivals) this.#lay(name, part);
      this.#arrivals.clear();
      // Nothing is suspected: changes may join again.
      if (this.#suspects.length === 0) this.#search = "off";
      return true;
    }
    this.#search = "suspects";
    for (const [name, part] of this.#suspects.shift() ?? []) this.#lay(name, part);
    return true;
  }

  /** The form its owner asked for last. */
  #wanted(name: string): Part | undefined {
    return this.#arrivals.get(name) ?? this.#culprits.get(name) ??
      this.#suspects.find((group) => group.has(name))?.get(name) ?? this.part(name);
  }

  #forget(name: string): void {
    this.#arrivals.delete(name);
    this.#culprits.delete(name);
    for (const group of this.#suspects) group.delete(name);
  }

  #lay(name: string, part: Part): void {
    this.#withdraw(name);
    this.#trial.set(name, { part, since: this.#moment });
  }

  /** Takes a form off trial, and says whether there was one. */
  #withdraw(name: string): boolean {
    const laid = this.#trial.get(name);
    if (laid === undefined) return false;
    this.#trial.delete(name);
    if (laid.since < this.#moment) {
      const span = { start: laid.since, end: this.#moment };
      this.#replaced.push({ name, part: laid.part, span });
    }
    return true;
  }

  #take(version: string): { readonly moment: number; readonly size: number } | undefined {
    const entry = this.#versions.find((entry) => entry.version === version);
    this.#versions = this.#versions.filter((other) => other !== entry);
    return entry;
  }

  #dropReplaced(done: (entry: { readonly name: string; readonly span: Span }) => boolean): void {
    if (this.#replaced.length === 0) return;
    const kept = this.#replaced.filter((entry) => !done(entry));
    this.#replaced.splice(0, this.#replaced.length, ...kept);
  }
}

/** From after the first moment up to the second, a form was part of every version. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Versions that may still be judged. Envoy is rarely behind by more than one or two. */
const longestMemory = 16;

function halves<Part>(group: ReadonlyMap<string, Part>): Map<string, Part>[] {
  const entries = [...group];
  const middle = Math.ceil(entries.length / 2);
  return [new Map(entries.slice(0, middle)), new Map(entries.slice(middle))];
}
