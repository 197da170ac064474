import type { HeaderMatchCondition } from "../api/mod.ts";
import type { HeaderMatch } from "./model.ts";

/** The one operator of several that counts, in the order of the API; none: matches anything. */
export function headerMatch(header: HeaderMatchCondition): HeaderMatch[] {
  const of = (value: HeaderMatch["value"], invert: boolean): HeaderMatch[] => {
    const cased = value.kind === "exact" || value.kind === "contains";
    return [{
      name: header.name,
      value,
      invert,
      ignoreCase: cased && header.ignoreCase === true,
      treatMissingAsEmpty: invert && cased && header.treatMissingAsEmpty === true,
    }];
  };
  if (header.present) return of({ kind: "present" }, false);
  if (header.notpresent) return of({ kind: "present" }, true);
  if (header.contains) return of({ kind: "contains", text: header.contains }, false);
  if (header.notcontains) return of({ kind: "contains", text: header.notcontains }, true);
  if (header.exact) return of({ kind: "exact", text: header.exact }, false);
  if (header.notexact) return of({ kind: "exact", text: header.notexact }, true);
  if (header.regex) return of({ kind: "regex", text: header.regex }, false);
  return [];
}
