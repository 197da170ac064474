/**
 * A network of its own for tests that need addresses of Pods: EndpointSlices may not hold loopback
 * ones. The tests run as a process in a network namespace where 198.18.0.0/16 is this machine.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/**
 * Runs the tests of a file in a namespace of their own; throws what they said when one failed, or
 * when they took longer. Whatever they started ends with them.
 */
export async function testInPodNetwork(file: URL, limitMs: number): Promise<void> {
  const [program = "", ...args] = await commandInPodNetwork([
    // The first process of a namespace has to look after those whose parents have ended.
    ...["sh", "-c", '"$@"; exit $?', "sh"],
    ...[Deno.execPath(), "test", "-A", "--no-check", fileURLToPath(file)],
  ], ["--pid", "--fork", "--kill-child"]);
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", DENO_JOBS: "1" },
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // With its first process the kernel ends all of a namespace.
    child.kill("SIGKILL");
  }, limitMs);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const how = isLate ? `not done after ${limitMs} ms` : `exit code ${code}`;
  assert.ok(code === 0 && !isLate, `${said.slice(-20_000)}\n(in a network namespace: ${how})`);
}

/** The command that runs another one in a namespace of its own; more flags of `unshare` may follow. */
export async function commandInPodNetwork(
  command: readonly string[],
  flags: readonly string[] = [],
): Promise<readonly string[]> {
  const script = [
    "ip link set lo up",
    "ip address add 198.18.0.1/16 dev lo",
    // Shells of all kinds replace themselves by the program, so that it alone gets signals.
    'exec "$@"',
  ].join(" && ");
  return ["unshare", ...await namespaceFlags(), ...flags, "sh", "-c", script, "sh", ...command];
}

/** An address of a Pod: `podAddress(3)` is 198.18.0.3; from 1 to 65,534. */
export function podAddress(number: number): string {
  return `198.18.${number >> 8}.${number & 255}`;
}

/** Who is not root becomes root in a user namespace, where the system allows that. */
async function namespaceFlags(): Promise<readonly string[]> {
  const choices = [["--net"], ["--map-root-user", "--net"]];
  const reasons: string[] = [];
  for (const flags of choices) {
    const { success, stderr } = await new Deno.Command("unshare", {
      args: [...flags, "ip", "link", "set", "lo", "up"],
      stdin: "null",
    }).output();
    if (success) return flags;
    reasons.push(new TextDecoder().decode(stderr).trim());
  }
  throw new Error(`Cannot make a network namespace: ${reasons.join("; ")}`);
}
