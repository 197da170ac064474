import { mismatchFinder, type Request } from "../../controller/graph/mod.ts";
import type { Diff } from "../diff.ts";
import { differsFor } from "../effect/effect_change.ts";
import type { RequestClass } from "../report.ts";
import type { HostTable } from "../side.ts";
import { type LoggedRequest, parseLogLine } from "./log_line.ts";

/** How many requests of access logs a difference is about. */
export interface TrafficReport {
  /** Requests read. */
  readonly requests: number;
  /** Lines that hold none. */
  readonly unreadable: number;
  /** How many of the requests belong to a class. */
  readonly changed: number;
  /** By class; those without any are left out. */
  readonly byClass: ReadonlyMap<RequestClass, number>;
  /** Those that change and belong to no class, because not all classes were found. */
  readonly unlisted: number;
  /** Those of which the log does not say whether they came over TLS; what the host has was taken. */
  readonly unknownScheme: number;
  /** Those on which headers decide that the log does not hold; they were taken to be absent. */
  readonly unknownHeaders: number;
}

/** Counts requests, line by line. */
export class TrafficCount {
  readonly #diff: Diff;
  readonly #byClass = new Map<RequestClass, number>();
  readonly #verdicts = new Map<string, Verdict>();
  #requests = 0;
  #unreadable = 0;
  #changed = 0;
  #unlisted = 0;
  #unknownScheme = 0;
  #unknownHeaders = 0;

  constructor(diff: Diff) {
    this.#diff = diff;
  }

  /** Takes a line of a log in; empty ones are nothing. */
  add(line: string): void {
    if (line.trim() === "") return;
    const logged = parseLogLine(line);
    if (logged === undefined) {
      this.#unreadable++;
      return;
    }
    this.#requests++;
    if (logged.tls === undefined) this.#unknownScheme++;
    const { classes, isUnlisted, isUncertain } = this.#verdict(logged);
    for (const one of classes) this.#byClass.set(one, (this.#byClass.get(one) ?? 0) + 1);
    if (classes.length > 0) this.#changed++;
    if (isUnlisted) this.#unlisted++;
    if (isUncertain) this.#unknownHeaders++;
  }

  /** What was counted so far. */
  report(): TrafficReport {
    return {
      requests: this.#requests,
      unreadable: this.#unreadable,
      changed: this.#changed,
      byClass: this.#byClass,
      unlisted: this.#unlisted,
      unknownScheme: this.#unknownScheme,
      unknownHeaders: this.#unknownHeaders,
    };
  }

  #verdict(logged: LoggedRequest): Verdict {
    const { method, authority, path, tls = this.#tlsOf(logged) } = logged;
    const headers = [...logged.headers].filter(([name]) => this.#conditions.has(name));
    const key = JSON.stringify([method, authority, path, tls, headers]);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const scheme = tls ? "https" : "http";
    const request: Request = {
      method,
      authority,
      path,
      tls,
      headers: new Map([...headers, ["x-forwarded-proto", scheme], [":scheme", scheme]]),
    };
    const { before, after } = this.#diff.sides;
    const [a, b] = [before.answer(request), after.answer(request)];
    const classes = this.#diff.classesOf(request);
    const verdict: Verdict = {
      classes,
      isUnlisted: classes.length === 0 && differsFor(a.effect, b.effect, request),
      isUncertain: [a.table, b.table].some((table) => isUncertain(table, request)),
    };
    // Real traffic asks for the same few things again and again.
    if (this.#verdicts.size >= mostVerdicts) this.#verdicts.clear();
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  /** Over TLS where the host has it, unless the answer sent the client there. */
  #tlsOf({ authority, status }: LoggedRequest): boolean {
    const { before, after } = this.#diff.sides;
    const hasTls = [before, after].some((side) => side.table(authority, { tls: true }));
    const hasPlain = [before, after].some((side) => side.table(authority, { tls: false }));
    return hasTls && !(status === 301 && hasPlain);
  }

  /** The headers that some rule asks for. */
  get #conditions(): ReadonlySet<string> {
    return this.#names ??= new Set(
      [this.#diff.sides.before, this.#diff.sides.after].flatMap((side) => side.headerNames()),
    );
  }
  #names: ReadonlySet<string> | undefined;
}

const mostVerdicts = 100_000;

interface Verdict {
  readonly classes: readonly RequestClass[];
  readonly isUnlisted: boolean;
  readonly isUncertain: boolean;
}

/** Whether a rule fails by nothing but headers that are not known. */
function isUncertain(table: HostTable | undefined, request: Request): boolean {
  if (table === undefined) return false;
  const mismatches = mismatchFinder(request);
  for (const { match } of table.rules) {
    if (match.headers.every(({ name }) => name.startsWith(":"))) continue;
    const missed = mismatches(match);
    const isOpen = ({ condition, name }: (typeof missed)[number]) =>
      condition === "header" && !name.startsWith(":") && !request.headers.has(name.toLowerCase());
    if (missed.length > 0 && missed.every(isOpen)) return true;
  }
  return false;
}
