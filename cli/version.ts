import { Command, Option } from "commander";
import { apiVersionOf } from "../controller/api/mod.ts";
import { envoyVersion } from "../controller/data_plane/mod.ts";
import { version } from "../controller/version.ts";
import type { CommandContext } from "./command_context.ts";

/** `contour version` */
export function versionCommand({ terminal, exit }: CommandContext): Command {
  return new Command("version")
    .description("print what this is and what it goes with")
    .addOption(
      new Option("-o, --output <format>", "how to print it").choices(["text", "json"])
        .default("text"),
    )
    .action(({ output }: { output: "text" | "json" }) => {
      terminal.out(output === "json" ? `${JSON.stringify(buildInfo, null, 2)}\n` : text());
      exit(0);
    });
}

/** What this build is. */
export const buildInfo = {
  version,
  /** The Envoy it is tested with, and fetches. */
  envoy: envoyVersion,
  /** The versions of Contour's kinds it reads. */
  apis: [...new Set([apiVersionOf("HTTPProxy"), apiVersionOf("ExtensionService")])],
};

function text(): string {
  const { version, envoy, apis } = buildInfo;
  return `contour ${version}\nEnvoy   ${envoy}\nAPIs    ${apis.join(", ")}\n`;
}
