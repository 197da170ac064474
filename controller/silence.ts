/**
 * Which Envoys leave what of ours unanswered, so that it is told once when it begins, and once when
 * it lasts.
 */
export class Silence {
  readonly #since = new Map<string, Map<string, { readonly ms: number; isLong: boolean }>>();

  /** One more answer is overdue, at `nowMs`. Says whether that is to be told. */
  goOn(node: string, typeUrl: string, nowMs: number): "new" | "long" | "known" {
    const types = this.#since.get(node) ?? new Map();
    this.#since.set(node, types);
    const spell = types.get(typeUrl);
    if (spell === undefined) {
      types.set(typeUrl, { ms: nowMs, isLong: false });
      return "new";
    }
    if (spell.isLong || nowMs - spell.ms < longMs) return "known";
    spell.isLong = true;
    return "long";
  }

  /** It answered, or (without a type) is gone. Says whether it was silent. */
  end(node: string, typeUrl?: string): boolean {
    const types = this.#since.get(node);
    if (types === undefined) return false;
    const wasSilent = typeUrl === undefined || types.delete(typeUrl);
    if (typeUrl === undefined || types.size === 0) this.#since.delete(node);
    return wasSilent;
  }
}

/** Longer than Envoy waits for the endpoints of a cluster. */
const longMs = 30_000;
