/** Something wrong in a configuration, and where. */
export interface ConfigurationProblem {
  readonly severity: "error" | "warning";
  /** Begins with the words of the reference service, where it refuses the same. */
  readonly message: string;
  readonly hint?: string;
  /** Absent where nothing was read from a file. */
  readonly place?: ConfigurationPlace;
}

/** A range of a file. Lines and columns count from 1; the end is exclusive. */
export interface ConfigurationPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A problem on one line: `limits.yaml:4:9: error: descriptor has empty key`. */
export function problemLine({ severity, message, hint, place }: ConfigurationProblem): string {
  const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
  return `${where}${severity}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}

/** The steps to a part of a configuration: `["descriptors", 0, "rate_limit"]`. */
export type ConfigurationPath = readonly (string | number)[];
