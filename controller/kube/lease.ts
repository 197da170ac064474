import { z } from "zod";
import { ApiError } from "./api_error.ts";
import type { KubeClient } from "./client.ts";
import { type Clock, Linked, sleep } from "./clock.ts";

/**
 * Takes part in the election of one leader among replicas until the signal aborts, then gives the
 * lease back. The rules and the record are those of Kubernetes' own Go client, so replicas of both
 * programs can stand for the same lease. Unlike there, who loses the lease stands again. Never
 * rejects.
 *
 * Only our own clock is trusted: a lease has ended when its record did not change for its duration
 * since we first saw it so. A leader that could not renew in time stops before others may begin.
 * See https://kubernetes.io/docs/concepts/architecture/leases/
 */
export async function standForElection(options: ElectionOptions): Promise<void> {
  await new Candidate(options).run();
}

/** See {@link standForElection}. */
export interface ElectionOptions {
  readonly client: KubeClient;
  /** `--leader-election-resource-namespace`. */
  readonly namespace: string;
  /** `--leader-election-resource-name`. */
  readonly name: string;
  /** Who we are; no two candidates may share it. */
  readonly identity: string;
  readonly timing?: LeaseTiming;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly notify: (event: ElectionEvent) => void;
}

/** Durations, in milliseconds: each longer than the next. */
export interface LeaseTiming {
  /** How long a lease holds that nobody renews. */
  readonly leaseDurationMs: number;
  /** How long a leader tries to renew before it gives up. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** Those of Contour: 15, 10 and 2 seconds. */
export const defaultLeaseTiming: LeaseTiming = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
};

/** Something that happened to the lease. */
export type ElectionEvent =
  /** We lead, from now on. */
  | { readonly kind: "started" }
  /** We do not lead any more, at this very moment. */
  | { readonly kind: "stopped" }
  /** Somebody else was seen to lead; nobody when the identity is empty. */
  | { readonly kind: "leader"; readonly identity: string }
  /** The lease could not be read or written; tried again soon. */
  | { readonly kind: "failure"; readonly message: string };

/** How long to try to give the lease back; then it just ends later. */
const releaseMs = 2_000;

class Candidate {
  readonly #options: ElectionOptions;
  readonly #timing: LeaseTiming;
  readonly #path: string;
  /** The lease as we last saw it change, and when. */
  #seen: { readonly lease: Lease; readonly at: number } | undefined;
  #leader: string | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#timing = options.timing ?? defaultLeaseTiming;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  async run(): Promise<void> {
    const { signal, clock, random, notify } = this.#options;
    const { retryPeriodMs } = this.#timing;
    while (!signal.aborted) {
      if (await this.#attempt(signal)) {
        notify({ kind: "started" });
        try {
          await this.#renew();
        } finally {
          notify({ kind: "stopped" });
        }
      }
      // Candidates that began together must not try together for ever.
      await sleep(clock, retryPeriodMs * (1 + random() * 0.2), signal);
    }
    await this.#release();
  }

  /** Holds the lease until it is lost or the signal aborts. */
  async #renew(): Promise<void> {
    const { signal, clock } = this.#options;
    const { renewDeadlineMs, retryPeriodMs } = this.#timing;
    for (let renewedAt = clock.monotonic();;) {
      await sleep(clock, retryPeriodMs, signal);
      if (signal.aborted) return;
      const leftMs = renewedAt + renewDeadlineMs - clock.monotonic();
      if (leftMs <= 0) return;
      const begin = clock.monotonic();
      using own = new Linked(signal);
      const cancel = clock.after(leftMs, () => own.abort(new Error("The renew deadline is over")));
      const isOurs = await this.#attempt(own.signal);
      cancel();
      // Counted from before the request: the server may have written it then.
      if (isOurs) renewedAt = begin;
      else if (this.#seen !== undefined && this.#isTaken(this.#seen.lease)) return;
      else if (clock.monotonic() - renewedAt >= renewDeadlineMs) return;
    }
  }

  /** Takes or renews the lease if we may; whether it is ours now. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#takeOrRenew(signal);
    } catch (error) {
      if (this.#options.signal.aborted) return false;
      // Somebody else was faster; who, shows next time.
      if (!(error instanceof ApiError && error.status === 409)) {
        const message = error instanceof Error ? error.message : String(error);
        this.#options.notify({ kind: "failure", message });
      }
      return false;
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const lease = await this.#read(signal);
    if (lease === undefined) {
      const { namespace, name } = this.#options;
      const body = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { namespace, name },
        spec: this.#claim(undefined),
      };
      this.#see(await this.#send("POST", this.#path, body, signal));
      return true;
    }
    this.#see(lease);
    if (this.#isTaken(lease) && !this.#hasEnded(lease)) return false;
    const spec = { ...lease.spec, ...this.#claim(lease.spec) };
    this.#see(
      await this.#send("PUT", `${this.#path}/${this.#options.name}`, { ...lease, spec }, signal),
    );
    return true;
  }

  /** Gives the lease back, if it is ours. */
  async #release(): Promise<void> {
    const end = new AbortController();
    const cancel = this.#options.clock.after(releaseMs, () => end.abort());
    try {
      while (!end.signal.aborted && !await this.#isGivenBack(end.signal)) { /* again */ }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.notify({ kind: "failure", message });
    } finally {
      cancel();
    }
  }

  async #isGivenBack(signal: AbortSignal): Promise<boolean> {
    // A write that the end broke off may have been carried out all the same.
    const lease = this.#doubted ? await this.#read(signal) : this.#seen?.lease;
    if (lease?.spec.holderIdentity !== this.#options.identity) return true;
    const now = this.#time();
    const spec = {
      ...lease.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
    };
    try {
      const path = `${this.#path}/${this.#options.name}`;
      await this.#send("PUT", path, { ...lease, spec }, signal);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false;
      throw error;
    }
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    // While we lead nobody else writes it, unless the write below says so.
    const known = this.#seen?.lease;
    if (known !== undefined && known.spec.holderIdentity === this.#options.identity) {
      const isFresh = this.#seen !== undefined &&
        this.#options.clock.monotonic() - this.#seen.at < this.#timing.renewDeadlineMs;
      if (isFresh && !this.#doubted) return known;
    }
    this.#doubted = false;
    try {
      return Lease.parse(await this.#get(signal));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Whether the last write was refused, so that what we saw may be old. */
  #doubted = false;

  async #get(signal: AbortSignal): Promise<unknown> {
    const path = `${this.#path}/${this.#options.name}`;
    return await this.#options.client.request(
      { method: "GET", path, urgent: true, timeoutMs: this.#timing.renewDeadlineMs },
      signal,
    );
  }

  async #send(
    method: "POST" | "PUT",
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Lease> {
    this.#doubted = true;
    const timeoutMs = this.#timing.renewDeadlineMs;
    const answer = await this.#options.client.request(
      { method, path, body, urgent: true, timeoutMs },
      signal,
    );
    this.#doubted = false;
    return Lease.parse(answer);
  }

  #claim(old: Lease["spec"] | undefined) {
    const { identity } = this.#options;
    const now = this.#time();
    const isOurs = old?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.round(this.#timing.leaseDurationMs / 1_000)),
      acquireTime: isOurs ? old.acquireTime ?? now : now,
      renewTime: now,
      leaseTransitions: (old?.leaseTransitions ?? 0) + (isOurs || old === undefined ? 0 : 1),
    };
  }

  #see(lease: Lease): void {
    const { clock, notify } = this.#options;
    const before = this.#seen?.lease;
    const isChanged = before === undefined ||
      JSON.stringify(before.spec) !== JSON.stringify(lease.spec);
    this.#seen = { lease, at: isChanged ? clock.monotonic() : this.#seen?.at ?? 0 };
    const holder = lease.spec.holderIdentity ?? "";
    if (holder === this.#leader) return;
    this.#leader = holder;
    if (holder !== this.#options.identity) notify({ kind: "leader", identity: holder });
  }

  /** Whether somebody else stands in it. */
  #isTaken({ spec: { holderIdentity } }: Lease): boolean {
    return Boolean(holderIdentity) && holderIdentity !== this.#options.identity;
  }

  #hasEnded({ spec }: Lease): boolean {
    const durationMs = (spec.leaseDurationSeconds ?? 0) * 1_000 || this.#timing.leaseDurationMs;
    return (this.#seen?.at ?? 0) + durationMs < this.#options.clock.monotonic();
  }

  /** As Kubernetes writes a MicroTime. */
  #time(): string {
    return new Date(this.#options.clock.now()).toISOString().replace("Z", "000Z");
  }
}

/** What is not named here is kept as it is. */
const Lease = z.looseObject({
  metadata: z.looseObject({}),
  spec: z.looseObject({
    holderIdentity: z.string().nullish(),
    leaseDurationSeconds: z.number().nullish(),
    acquireTime: z.string().nullish(),
    renewTime: z.string().nullish(),
    leaseTransitions: z.number().nullish(),
  }).nullish().transform((spec) => spec ?? {}),
});
type Lease = z.infer<typeof Lease>;
