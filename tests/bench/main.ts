import { benchFiles } from "./files.ts";

/** `deno task bench [SUBJECT] [FLAGS]`: each subject says in its own file what it measures. */
const subjects: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  files: benchFiles,
  cli: async (args) => (await import("./cli.ts")).benchCli(args),
  clients: async (args) => (await import("./clients.ts")).benchClients(args),
  ratelimit: async (args) => (await import("./ratelimit/main.ts")).benchRateLimit(args),
  kube: async (args) => (await import("./kube.ts")).benchKube(args),
};

async function main([first = "files", ...rest]: readonly string[]): Promise<void> {
  if (first.startsWith("-")) return await benchFiles([first, ...rest]);
  const bench = Object.hasOwn(subjects, first) ? subjects[first] : undefined;
  if (bench !== undefined) return await bench(rest);
  console.error(`There is no benchmark "${first}"; there are ${Object.keys(subjects).join(", ")}`);
  Deno.exit(2);
}

await main(Deno.args);
