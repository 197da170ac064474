/**
 * A controller without its first two walls, where an import map puts what finds no fault in the
 * place of what does. Nothing in the controller itself can be told to do without.
 */
import configuration from "../../../deno.json" with { type: "json" };
import { contourCommand } from "../../support/contour_process.ts";

/** What is replaced, by the file here of the same name. */
const replaced = [
  "proto/check.ts",
  "controller/envoy/external_authorization.ts",
  "controller/envoy/message_rules.ts",
  "controller/envoy/route_rules.ts",
  "controller/envoy/usable_endpoint.ts",
  "controller/graph/certificate.ts",
  "controller/graph/http_proxy/name_problem.ts",
  "controller/graph/jwks.ts",
  "controller/graph/policy/envoy_duration.ts",
  "controller/graph/policy/key_server_uri.ts",
  "controller/graph/regex.ts",
] as const;

/** How to start that controller, by an import map that is written to a folder. */
export async function commandWithoutWalls(folder: string): Promise<readonly string[]> {
  const root = new URL("../../../", import.meta.url);
  const urls = replaced.map((path) => new URL(path, root).href);
  const here = new URL("./", import.meta.url);
  const stand = urls.map((url) => new URL(url.slice(url.lastIndexOf("/") + 1), here).href);
  const imports = Object.fromEntries(urls.map((url, i) => [url, stand[i] ?? url]));
  // What stands in for a file may import it all the same.
  const own = Object.fromEntries(urls.map((url) => [url, url]));
  const map = { imports: { ...configuration.imports, ...imports }, scopes: { [here.href]: own } };
  const file = `${folder}/without_walls.json`;
  await Deno.writeTextFile(file, JSON.stringify(map));
  const [program = "", run = "", ...rest] = contourCommand;
  return [program, run, "--import-map", file, ...rest];
}
