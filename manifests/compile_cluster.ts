/**
 * Compiles the binary of the image, `dist/contour-cluster`: the program of `deno task compile` with
 * no more permissions than it needs in a Pod.
 */
import { fileURLToPath } from "node:url";
import { permissionFlags } from "./topology/permissions.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    "--quiet",
    ...permissionFlags(),
    // A worker is found by its name alone.
    "--include",
    "controller/plugin_host/relay.ts",
    "--output",
    "dist/contour-cluster",
    "cli/main.ts",
  ],
  cwd: root,
  // Envoy's messages are more than the stack of the compiler's threads holds by default.
  env: { RUST_MIN_STACK: String(64 * 1024 * 1024) },
  stdout: "inherit",
  stderr: "inherit",
}).output();
Deno.exit(code);
