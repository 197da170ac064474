import { regexProblem } from "../../controller/graph/mod.ts";
import type { ConditionDraft } from "../output.ts";
import type { CanaryRule } from "../settings.ts";
import type { NginxContext } from "./context.ts";

/**
 * When requests go to the Services of this Ingress instead of those of the one it accompanies; absent
 * when it is no canary. A header decides first, then a cookie, then the dice.
 */
export function canaryRule({ annotations }: NginxContext): CanaryRule | undefined {
  const names = [
    "weight",
    "weight-total",
    "by-header",
    "by-header-value",
    "by-header-pattern",
    "by-cookie",
  ];
  if (!annotations.flag("canary", false)) {
    annotations.note("canary", { verdict: "kept", message: "is the default" });
    for (const name of names) {
      annotations.note(`canary-${name}`, {
        verdict: "kept",
        message: "has no effect without canary",
      });
    }
    return undefined;
  }
  noteIgnored(annotations);
  const header = headerCases(annotations);
  const cookie = annotations.text("canary-by-cookie");
  const cookieCases = cookie === "" ? [] : (["always", "never"] as const).map((word) => ({
    to: word === "always" ? "canary" as const : "primary" as const,
    conditions: [...header.otherwise, {
      header: { name: "Cookie", regex: `(.*;\\s*)?${quoted(cookie)}=${word}(\\s*;.*)?` },
    }],
  }));
  const total = Math.max(annotations.number("canary-weight-total", 100), 100);
  return {
    cases: [...header.cases, ...cookieCases],
    weight: annotations.number("canary-weight", 0),
    total,
  };
}

/** Most of what a canary says beside is what the Ingress says that it goes with. */
function noteIgnored(annotations: NginxContext["annotations"]): void {
  for (const name of annotations.known()) {
    if (name.startsWith("canary") || /^(auth-tls|proxy-ssl)-/.test(name)) continue;
    const isRead = /^(load-balance$|upstream-hash-by|service-upstream$|affinity-canary)/.test(name);
    annotations.note(
      name,
      isRead
        ? {
          verdict: "lost",
          message: "a route has one way to choose endpoints: that of the other Ingress",
        }
        : { verdict: "kept", message: "nginx ignores it on a canary" },
    );
  }
}

function headerCases(annotations: NginxContext["annotations"]): {
  readonly cases: CanaryRule["cases"];
  /** What holds when the header decides nothing. */
  readonly otherwise: readonly ConditionDraft[];
} {
  const name = annotations.text("canary-by-header");
  const value = annotations.text("canary-by-header-value");
  const pattern = annotations.text("canary-by-header-pattern");
  const unless = (text: string): ConditionDraft => ({
    header: { name, notexact: text, treatMissingAsEmpty: true },
  });
  if (name === "") {
    for (const each of ["value", "pattern"]) {
      annotations.note(`canary-by-header-${each}`, {
        verdict: "kept",
        message: "has no effect without canary-by-header",
      });
    }
    return { cases: [], otherwise: [] };
  }
  const toCanary = (
    header: NonNullable<ConditionDraft["header"]>,
  ) => [{ to: "canary" as const, conditions: [{ header }] }];
  if (value !== "") {
    annotations.note("canary-by-header-pattern", {
      verdict: "kept",
      message: "canary-by-header-value wins",
    });
    return { cases: toCanary({ name, exact: value }), otherwise: [unless(value)] };
  }
  if (pattern !== "") {
    const regex = `.*(?:${pattern}).*`;
    const problem = regexProblem(regex);
    if (problem === undefined) return { cases: toCanary({ name, regex }), otherwise: [] };
    annotations.note("canary-by-header-pattern", { verdict: "lost", message: problem });
    return { cases: [], otherwise: [] };
  }
  return {
    cases: [
      ...toCanary({ name, exact: "always" }),
      { to: "primary", conditions: [{ header: { name, exact: "never" } }] },
    ],
    otherwise: [unless("always"), unless("never")],
  };
}

function quoted(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
