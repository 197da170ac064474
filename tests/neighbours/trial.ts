/** What is done to a guilty object, and what has to be seen meanwhile. */
import type { LogEvent } from "../support/contour_process.ts";
import type { Manifest } from "../support/cluster/mod.ts";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";
import { Canaries } from "./canaries.ts";
import { type Guilty, namespace, numbered } from "./guilty/mod.ts";
import type { Side, World } from "./world.ts";

/** How much is asked for. */
export interface TrialOptions {
  /** How long it may take to be told of a guilty one. Default: 10,000. */
  readonly patienceMs?: number;
  /** Whether it is told at all, with its field, and known beforehand. Default: yes. */
  readonly told?: boolean;
}

/** What came out of trials. */
export interface Report {
  /** Everything that is not as it has to be, a line each. */
  readonly problems: string[];
  /** The guilty ones of which Envoy refused something, once for each layout. */
  readonly refused: string[];
  /** Times in milliseconds that canaries took to move everywhere. */
  readonly moves: number[];
}

/** An empty report. */
export function report(): Report {
  return { problems: [], refused: [], moves: [] };
}

/** What a report comes to, for people. */
export function summary({ problems, refused, moves }: Report): string {
  const sorted = moves.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return `${moves.length} moves of seven canaries: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
    `longest ${at(1)} ms; ${refused.length} refusals of Envoy; ${problems.length} problems`;
}

type Blame = (problem: string) => void;

/** One world with its canaries, through which guilty ones are put. */
export class Trials {
  readonly report: Report;
  readonly #world: World;
  readonly #canaries: Canaries;
  readonly #patienceMs: number;
  readonly #isTold: boolean;
  #number = 0;

  constructor(
    world: World,
    report: Report,
    { patienceMs = 10_000, told = true }: TrialOptions = {},
  ) {
    this.report = report;
    this.#world = world;
    this.#canaries = new Canaries(world);
    this.#patienceMs = patienceMs;
    this.#isTold = told;
  }

  /** The canaries of this world move, though slowly at first. */
  async begin(): Promise<void> {
    await this.#canaries.move(30_000);
  }

  /** The canaries move while it is there, and when it is gone. */
  async alone(guilty: Guilty): Promise<void> {
    await this.#there(guilty);
    await this.#world.drop("guilty");
    await this.#move((problem) => this.#blame(guilty, `after it is gone: ${problem}`));
  }

  /** One takes the place of the other; the canaries move each time, and when the last is gone. */
  async oneAfterTheOther(guilties: readonly Guilty[]): Promise<void> {
    let last: Guilty | undefined;
    for (const guilty of guilties) {
      await this.#there(guilty, last);
      last = guilty;
    }
    if (last === undefined) return;
    await this.#world.drop("guilty");
    await this.#move((problem) => this.#blame(last, `after it is gone: ${problem}`));
  }

  /** Puts it there, in the place of another if there is one. */
  async #there(guilty: Guilty, before?: Guilty): Promise<void> {
    const one = numbered(guilty, ++this.#number);
    const blame = (problem: string) => this.#blame(guilty, problem);
    const marks = this.#marks();
    await this.#world.put("guilty", one.objects);
    await this.#told(one, marks, blame);
    await this.#move((problem) =>
      blame(`while it is there${before && `, after "${before.what}" is gone`}: ${problem}`)
    );
    await this.#answersOk(one, blame);
    this.#hear(guilty, marks, blame);
  }

  #blame({ what }: Guilty, problem: string): void {
    this.report.problems.push(`${what}: ${problem}`);
  }

  /** With all of them there, controller and Envoy start anew, and the canaries move. */
  async restarted(guilties: readonly Guilty[]): Promise<void> {
    const all = guilties.map((guilty) => numbered(guilty, ++this.#number));
    const group = guilties.map(({ what }) => what).join("; ");
    const blame = (problem: string) => this.report.problems.push(`${group}: ${problem}`);
    for (const [i, { objects }] of all.entries()) await this.#world.put(`guilty-${i}`, objects);
    await Promise.all(
      this.#world.sides.map((side) =>
        side.restart().catch((error) => blame(`no start in ${side.layout}: ${messageOf(error)}`))
      ),
    );
    await this.#move((problem) => blame(`after a start: ${problem}`));
    for (const one of all) {
      const blame = (problem: string) =>
        this.report.problems.push(`${one.what}: after a start: ${problem}`);
      await this.#told(one, new Map(), blame);
      await this.#answersOk(one, blame);
    }
    for (const i of all.keys()) await this.#world.drop(`guilty-${i}`);
    await this.#move((problem) => blame(`when all are gone: ${problem}`));
  }

  /** How many lines each side has written. */
  #marks(): ReadonlyMap<Side, number> {
    return new Map(this.#world.sides.map((side) => [side, side.log().length]));
  }

  async #move(blame: Blame): Promise<void> {
    try {
      this.report.moves.push(await this.#canaries.move());
    } catch (error) {
      blame(messageOf(error));
      // What comes next begins where this one should have ended, if it ever does.
      await this.#canaries.arrive(10_000).catch(() => {});
    }
  }

  async #told(one: Guilty, before: ReadonlyMap<Side, number>, blame: Blame): Promise<void> {
    if (!this.#isTold) return;
    const { object, path } = one.told;
    for (const side of this.#world.sides) {
      const about = () => linesAbout(one, side.log().slice(before.get(side) ?? 0));
      const isWanted = (line: LogEvent) =>
        String(line["path"] ?? "").startsWith(path) &&
        (this.#world.kind !== "files" || /\.yaml:\d+:\d+$/.test(String(line["at"])));
      try {
        await eventually("it is told", () => about().some(isWanted), {
          withinMs: this.#patienceMs,
        });
      } catch {
        const said = about().map(({ msg, path, at }) => `${path}: ${msg} (${at})`.slice(0, 300));
        blame(`${object} ${path} is not told in ${side.layout}, but ${JSON.stringify(said)}`);
        continue;
      }
      if (this.#world.read !== undefined) await this.#hasStatus(one, blame);
    }
  }

  /** What the log says of an object with a status stands there too. */
  async #hasStatus({ objects, told }: Guilty, blame: Blame): Promise<void> {
    const [kind, name] = told.object.split(" ");
    const isIt = (manifest: Manifest) => manifest.kind === kind && manifest.metadata.name === name;
    const manifest = objects.find(isIt);
    const { read } = this.#world;
    const hasConditions = kind === "HTTPProxy" || kind === "ExtensionService";
    if (manifest === undefined || read === undefined || !hasConditions) return;
    try {
      await eventually("it stands in the status", async () => {
        const { status = {} } = await read(manifest) as { readonly status?: StatusOfOurs };
        const conditions = status.conditions ?? [];
        if (conditions.some(({ errors, warnings }) => errors ?? warnings)) return true;
        throw new Error(JSON.stringify(status));
        // At a start statuses wait for Envoys to be served first.
      }, { withinMs: 2 * this.#patienceMs });
    } catch (error) {
      const seen = error instanceof Error ? messageOf(error.cause) : "";
      blame(`the status of ${told.object} has neither errors nor warnings: ${seen}`);
    }
  }

  async #answersOk({ ok, objects }: Guilty, blame: Blame): Promise<void> {
    if (ok === undefined || !this.#isTold) return;
    const [, host = ""] = /(odd\d+\.guilty\.test)/.exec(JSON.stringify(objects)) ?? [];
    for (const { place: { address, http }, layout } of this.#world.sides) {
      const ask = async () => (await send({ address, port: http }, { host, path: "/ok" })).status;
      try {
        await eventually("it answers", async () => await ask() === ok, { withinMs: 2_000 });
      } catch {
        blame(`its host answers ${await ask()} instead of ${ok} in ${layout}`);
      }
    }
  }

  /** Whether Envoy had to refuse something, or the controller lost its way. */
  #hear({ what }: Guilty, before: ReadonlyMap<Side, number>, blame: Blame): void {
    for (const side of this.#world.sides) {
      const lines = side.log().slice(before.get(side) ?? 0);
      if (lines.some(({ msg }) => msg.startsWith("Envoy refused"))) this.report.refused.push(what);
      const lost = lines.filter(({ msg, level }) =>
        (this.#isTold && msg.startsWith("Cannot compute")) || level === "none"
      );
      for (const line of lost) blame(JSON.stringify(line).slice(0, 500));
    }
  }
}

interface StatusOfOurs {
  readonly conditions?: readonly {
    readonly errors?: readonly unknown[];
    readonly warnings?: readonly unknown[];
  }[];
}

/** What is said of the object that has to be blamed. */
function linesAbout({ told }: Guilty, lines: readonly LogEvent[]): readonly LogEvent[] {
  const [kind, name] = told.object.split(" ");
  return lines.filter((line) =>
    line["kind"] === kind && line["name"] === name && line["namespace"] === namespace &&
    (line.level === "error" || line.level === "warn")
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
