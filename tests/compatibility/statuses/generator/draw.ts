import { Random } from "../../../support/world/random.ts";

/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Chance that knows where mistakes are to be made, and which. */
export class Draw extends Random {
  readonly #isLawless: boolean;
  #topics: ReadonlySet<string> = new Set();
  #perMille = 0;

  /** With `isLawless` also values are drawn that the schema refuses. */
  constructor(seed: number, { isLawless = false }: { readonly isLawless?: boolean } = {}) {
    super(seed);
    this.#isLawless = isLawless;
  }

  /**
   * Makes something with mistakes in the fields of these names, which are there more often then, and
   * few elsewhere: where much is wrong, little is looked at.
   */
  about<Value>(topics: readonly string[], elsewherePerMille: number, make: () => Value): Value {
    const [topicsBefore, perMilleBefore] = [this.#topics, this.#perMille];
    this.#topics = new Set(topics);
    this.#perMille = elsewherePerMille;
    try {
      return make();
    } finally {
      this.#topics = topicsBefore;
      this.#perMille = perMilleBefore;
    }
  }

  /** Makes the value of a field, with mistakes if it is a topic. */
  within<Value>(topic: string, make: () => Value): Value {
    return this.isTopic(topic) ? this.about([...this.#topics], 350, make) : make();
  }

  /** Whether there are to be mistakes in this field. */
  isTopic(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** A field that is there with this probability, or most of the time if it is a topic. */
  override maybe<Name extends string, T>(
    probability: number,
    name: Name,
    make: () => T,
  ): { readonly [field in Name]?: T } {
    const most = this.isTopic(name) ? Math.max(0.85, probability) : probability;
    return super.maybe(most, name, () => this.within(name, make));
  }

  /** Whether the next choice is to be a mistake. */
  errs(): boolean {
    return this.chance(this.#perMille / 1_000);
  }

  /** A right value, or at times a wrong one; `unlawful` ones are refused by the schema. */
  value<Value>(
    right: readonly Value[],
    wrong: readonly Value[],
    unlawful: readonly Value[] = [],
  ): Value {
    const all = this.#isLawless ? [...wrong, ...unlawful] : wrong;
    return this.of(all.length > 0 && this.errs() ? all : right);
  }

  /** A list, now and then in another order. */
  mixed<Value>(list: readonly Value[]): Value[] {
    const mixed = [...list];
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = this.chance(0.4) ? this.below(at + 1) : at;
      const [a, b] = [mixed[at], mixed[other]];
      if (a === undefined || b === undefined) continue;
      [mixed[at], mixed[other]] = [b, a];
    }
    return mixed;
  }

  /** From 1 to `most` of what `make` makes. */
  some<Value>(most: number, make: () => Value): Value[] {
    return Array.from({ length: 1 + this.below(most) }, make);
  }
}
