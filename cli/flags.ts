import { type Command, Option } from "commander";
import { parsed, parseNames, parseNamespace, suggesting } from "../command_line/mod.ts";
import type { LogFormat } from "../controller/admin/mod.ts";
import { namespaceList } from "./completion/cluster_names.ts";

/** `-f`, as often as you like. */
export function filenameOption(): Option {
  return new Option("-f, --filename <path>", "file or folder; the same as naming it without -f")
    .argParser((path: string, before: readonly string[] | undefined) => [...before ?? [], path]);
}

/** Folders are read with all beneath them anyway; habit should not fail. */
export function recursiveOption(): Option {
  return new Option("-R, --recursive").hideHelp();
}

/** `--plugin` */
export function pluginOption(): Option {
  return new Option("--plugin <file>", "a plugin to use, a file or a package; may be repeated")
    .argParser((from: string, before: readonly string[] | undefined) => [...before ?? [], from]);
}

/** `-n` */
export function namespaceOption(defaultValue: string): Option {
  return new Option("-n, --namespace <name>", "namespace of objects that name none")
    .argParser(parsed(parseNamespace))
    .default(defaultValue);
}

/** `--log-format` */
export function logFormatOption(): Option {
  return new Option("--log-format <format>", "how to log")
    .choices(["text", "json"] satisfies LogFormat[]).default("text");
}

/** `--ingress-class-name` */
export function ingressClassOption(): Option {
  return new Option("--ingress-class-name <names>", "classes to answer to, separated by commas")
    .argParser(parsed(parseNames));
}

/** `--root-namespaces` */
export function rootNamespacesOption(): Option {
  const option = new Option("--root-namespaces <names>", "where roots may be, separated by commas")
    .argParser(parsed(parseNames));
  return suggesting(option, namespaceList);
}

/** Lets every flag that is true or false be denied: `--no-debug`. */
export function withNegations(command: Command): Command {
  for (const { long, optional, required, negate } of [...command.options]) {
    if (!long || optional || required || negate) continue;
    command.addOption(new Option(`--no-${long.slice(2)}`).hideHelp());
  }
  return command;
}
