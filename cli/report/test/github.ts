import { annotation } from "../workflow_command.ts";
import type { TestReport } from "./report.ts";
import { failureText, placeText, reasons, requestText } from "./words.ts";

/** Annotations of a pull request: at each case that failed, and at each route no case reaches. */
export function githubReport({ files, coverage }: TestReport): string {
  const failures = files.flatMap(({ results }) => results)
    .filter(({ kind }) => kind !== "passed")
    .map((result) => {
      const why = reasons(result).map(([label, text]) => `${label} ${text}`.trim());
      const message = [`${requestText(result)}: ${failureText(result)}`, ...why].join("\n");
      const { name: title, position } = result;
      return annotation({ severity: "error", title, message, position });
    });
  if (coverage === undefined) return failures.join("");
  const { routes, percent, least } = coverage;
  const missed = routes.filter(({ isReached }) => !isReached).map((route) =>
    annotation({
      severity: "info",
      title: "route not tested",
      message: `no request reaches ${route.fqdn} ${route.conditions.join(", ")} (${
        placeText(route)
      })`,
      position: route.position,
    })
  );
  const low = percent >= least ? [] : [
    annotation({
      severity: "error",
      title: "coverage",
      message: `${percent}% of the routes are reached, less than ${least}%`,
    }),
  ];
  return [...failures, ...low, ...missed].join("");
}
