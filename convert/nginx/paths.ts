import type { Contribution } from "../contribution.ts";
import type { NginxContext } from "./context.ts";

/** Regular expressions and rewrites. What comes of them depends on all paths of the host. */
export function paths({ annotations }: NginxContext): Contribution {
  const useRegex = annotations.flag("use-regex", false);
  annotations.note("use-regex", useRegex ? {} : { verdict: "kept", message: "is the default" });
  const rewriteTarget = annotations.text("rewrite-target");
  annotations.note("rewrite-target", {
    verdict: "kept",
    message: "what comes of it is told at each path",
  });
  const prefix = annotations.text("x-forwarded-prefix");
  if (/\$/.test(prefix)) {
    annotations.note("x-forwarded-prefix", {
      verdict: "lost",
      message: "captures cannot stand in a header",
    });
  } else if (rewriteTarget === "") {
    annotations.note("x-forwarded-prefix", {
      verdict: "kept",
      message: "has no effect without rewrite-target",
    });
  }
  return {
    settings: {
      useRegex,
      rewriteTarget,
      ...(prefix === "" || /\$/.test(prefix) ? {} : { forwardedPrefix: prefix }),
    },
  };
}
