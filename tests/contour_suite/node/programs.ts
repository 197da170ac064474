/** Which program of this machine stands for the command of a container. */
import { denoCommand } from "../deno_command.ts";
import { envoyBinary } from "../../../controller/data_plane/mod.ts";
import { redisBinary } from "../../support/redis_binary.ts";

/** A program with its first arguments, and the environment it needs. */
export interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The programs, found before the network is left. */
export interface Programs {
  /** Our command line. */
  readonly contour: Program;
  readonly envoy: Program;
  readonly redis: Program;
}

/**
 * Finds them. `CONTOUR_SUITE_BINARY` names a compiled `contour` that is tested in the place of the
 * sources.
 */
export async function findPrograms(): Promise<Programs> {
  const binary = Deno.env.get("CONTOUR_SUITE_BINARY");
  const redis = await redisBinary();
  return {
    contour: {
      command: binary ? [binary] : denoCommand(new URL("../../../cli/main.ts", import.meta.url)),
      env: {},
    },
    // Two Envoys of a machine would share the memory of hot restarts.
    envoy: { command: [await envoyBinary(), "--disable-hot-restart"], env: {} },
    redis: { command: [redis.server], env: redis.env },
  };
}

/** The program and arguments for a command of the suites; throws for one we do not know. */
export function programOf(
  programs: Programs,
  image: string,
  command: readonly string[],
): Program {
  const [name = "", ...args] = command;
  const run = ({ command, env }: Program, ...first: string[]) => ({
    command: [...command, ...first, ...args],
    env,
  });
  switch (name.replace(/^.*\//, "")) {
    case "contour":
      return run(programs.contour);
    case "envoy":
      return run(programs.envoy);
    case "ratelimit":
      return run(
        { ...programs.contour, env: { ...programs.contour.env, ...everywhere } },
        "ratelimit",
        "serve",
      );
  }
  if (/(^|\/)redis:/.test(image) && command.length === 0) {
    return run(programs.redis, "--save", "", "--dir", "/tmp");
  }
  throw new Error(`No program stands for ${JSON.stringify(command)} of ${image}`);
}

/** Where the reference service listens unless it is told otherwise. */
const everywhere = { HOST: "0.0.0.0", PORT: "8080", GRPC_HOST: "0.0.0.0" };
