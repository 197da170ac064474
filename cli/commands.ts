import type { CommandEntry } from "../command_line/mod.ts";
import type { CommandContext } from "./command_context.ts";
import { pluginsInTheBox } from "./plugins_in_the_box.ts";

/** Every command, in the order of the list; those that plugins in the box bring are among them. */
export const commands: readonly CommandEntry<CommandContext>[] = [
  {
    name: "serve",
    usage: "[options] [path...]",
    summary: "serve what a cluster or files say, and follow their changes",
    load: async (context) => (await import("./serve.ts")).serveCommand(context),
  },
  {
    name: "lint",
    usage: "[options] [path...]",
    summary: "find mistakes in HTTPProxies and what belongs to them",
    load: async (context) => (await import("./lint.ts")).lintCommand(context),
  },
  {
    name: "convert",
    usage: "[options] [path...]",
    summary: "make HTTPProxies of Ingresses and IngressRoutes",
    load: async (context) => (await import("./convert.ts")).convertCommand(context),
  },
  {
    name: "diff",
    usage: "[options] <before> [after] [path...]",
    summary: "say which requests are lost, moved or treated otherwise",
    load: async (context) => (await import("./diff.ts")).diffCommand(context),
  },
  {
    name: "explain",
    usage: "[options] [method] <url> [path...]",
    summary: "say which rule takes a request, and why the others do not",
    load: async (context) => (await import("./explain.ts")).explainCommand(context),
  },
  {
    name: "test",
    usage: "[options] <file...>",
    summary: "try requests on objects, and compare what becomes of them",
    load: async (context) => (await import("./request_tests.ts")).testCommand(context),
  },
  {
    name: "status",
    usage: "[options] [path...]",
    summary: "print the status that objects in files would get in a cluster",
    load: async (context) => (await import("./status.ts")).statusCommand(context),
  },
  {
    name: "bootstrap",
    usage: "[options] [path]",
    summary: "write the configuration file that an Envoy starts with",
    load: async (context) => (await import("./bootstrap.ts")).bootstrapCommand(context),
  },
  {
    name: "certgen",
    usage: "[options] [outputdir]",
    summary: "make the certificates of controller and Envoys, and keep them somewhere",
    load: async (context) => (await import("./certgen.ts")).certgenCommand(context),
  },
  {
    name: "envoy",
    usage: "[command]",
    summary: "end an Envoy without losing requests",
    load: async (context) => (await import("./envoy.ts")).envoyCommand(context),
  },
  ...pluginsInTheBox.flatMap(({ commands = [] }) => commands),
  {
    name: "plugins",
    usage: "[options] [command]",
    summary: "list the plugins in use, with the order of filters, and help to write others",
    load: async (context) => (await import("./plugins.ts")).pluginsCommand(context),
  },
  {
    name: "completion",
    usage: "<shell>",
    summary: "print a script that completes commands and flags",
    load: async (context) =>
      (await import("./completion/completion.ts")).completionCommand(context),
  },
  {
    name: "version",
    usage: "[options]",
    summary: "print what this is and what it goes with",
    load: async (context) => (await import("./version.ts")).versionCommand(context),
  },
];
