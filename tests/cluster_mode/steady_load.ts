/** Clients that go on asking, whatever happens meanwhile, and note every request that is lost. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ListenPlace } from "../support/envoy.ts";
import { connect, type HttpAnswer, parseAnswer } from "../support/http_client.ts";
import { eventually, within } from "../support/wait.ts";

/**
 * Begins to ask for a host that a backend answers, at a steady rate over connections that are kept.
 * A connection that an answer says is to be closed is made anew; one that ends without a word has
 * lost its request.
 */
export function startLoad(options: LoadOptions): SteadyLoad {
  return new Load(options);
}

/** What is asked for, and how often. */
export interface LoadOptions {
  /** Where to ask; as a function, where new connections go by now. */
  readonly place: ListenPlace | (() => ListenPlace);
  readonly host: string;
  /** Whose answer counts. */
  readonly backend: string;
  /** Requests a second, of all connections together; by default 300. */
  readonly rate?: number;
  readonly connections?: number;
}

/** Clients at work. */
export interface SteadyLoad extends AsyncDisposable {
  /** How it went since the start, or since this was asked last. */
  takeReport(): LoadReport;
  /** Resolves when so many more requests were answered as they should. */
  answered(count: number): Promise<void>;
}

/** How requests went. */
export interface LoadReport {
  readonly ok: number;
  readonly lost: number;
  /** Answered ones a second. */
  readonly perSecond: number;
  /** What became of the first that were lost. */
  readonly errors: readonly string[];
}

const errorsKept = 5;

class Load implements SteadyLoad {
  readonly #options: LoadOptions;
  readonly #clients: Promise<unknown>;
  readonly #rate: number;
  #ended = false;
  #since = performance.now();
  #ok = 0;
  #lost = 0;
  #errors: string[] = [];
  /** Of the whole time. */
  #total = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    const { rate = 300, connections = 8 } = options;
    this.#rate = rate;
    const begin = performance.now();
    const stepMs = 1_000 / rate;
    this.#clients = Promise.all(
      Array.from(
        { length: connections },
        (_, i) => this.#run(begin + i * stepMs, connections * stepMs),
      ),
    );
  }

  takeReport(): LoadReport {
    const now = performance.now();
    const report = {
      ok: this.#ok,
      lost: this.#lost,
      perSecond: Math.round(this.#ok / (now - this.#since) * 1_000),
      errors: this.#errors,
    };
    this.#since = now;
    this.#ok = 0;
    this.#lost = 0;
    this.#errors = [];
    return report;
  }

  async answered(count: number): Promise<void> {
    const until = this.#total + count;
    await eventually(`${count} more requests are answered`, () => this.#total >= until, {
      withinMs: 10_000 + count * 1_000 / this.#rate,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#clients;
  }

  /** One client: a request every so many milliseconds; late ones follow at once. */
  async #run(first: number, everyMs: number): Promise<void> {
    let connection: Connection | undefined;
    for (let due = first; !this.#ended; due += everyMs) {
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      try {
        connection ??= await open(this.#options);
        const { status, headers, body } = await connection.ask(this.#options.host);
        if (status === 200 && headers["x-backend"] === this.#options.backend) this.#won();
        else this.#missed(`${status} ${body}`);
        if (headers["connection"] === "close") connection = close(connection);
      } catch (error) {
        this.#missed(String(error));
        connection = close(connection);
      }
    }
    close(connection);
  }

  #won(): void {
    this.#ok++;
    this.#total++;
  }

  #missed(how: string): void {
    this.#lost++;
    if (this.#errors.length < errorsKept) this.#errors.push(how);
  }
}

/** A connection that carries a request after the other. */
interface Connection {
  readonly socket: Socket;
  readonly ask: (host: string) => Promise<HttpAnswer>;
}

async function open({ place }: LoadOptions): Promise<Connection> {
  const { address, http: port } = typeof place === "function" ? place() : place;
  const socket = await connect({ address, port });
  let waiting: PromiseWithResolvers<HttpAnswer> | undefined;
  let read = Buffer.alloc(0);
  socket.on("data", (part: Uint8Array) => {
    read = Buffer.concat([read, part]);
    const answer = parseAnswer(read);
    if (answer === undefined) return;
    read = Buffer.alloc(0);
    waiting?.resolve(answer);
  });
  let problem: Error | undefined;
  const fail = (error: Error) => {
    problem = error;
    waiting?.reject(error);
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error(`The connection ended after ${read.length} bytes`)));
  return {
    socket,
    ask(host) {
      if (problem !== undefined) return Promise.reject(problem);
      waiting = Promise.withResolvers();
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      return within("a request under load is answered", waiting.promise);
    },
  };
}

function close(connection: Connection | undefined): undefined {
  connection?.socket.destroy();
}
