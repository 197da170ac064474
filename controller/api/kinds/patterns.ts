/**
 * The regular expressions of the custom resource definitions. The durations accept what the
 * definition accepts, which is looser than what {@link parseDuration} reads.
 */

/** A pattern as the API server has it, and one that says the same but cannot backtrack for long. */
export interface Pattern {
  /** As it stands in the custom resource definition. */
  readonly published: string;
  /** What we match with. */
  readonly matcher: RegExp;
}

// In the published patterns `ms` reads as `ms` and as `m` then `s`, so a backtracking engine needs
// 2^n steps for n of them. Without the `ms` branch the language is the same and the time linear.
const published = String
  .raw`((\d*(\.\d*)?h)|(\d*(\.\d*)?m)|(\d*(\.\d*)?s)|(\d*(\.\d*)?ms)|(\d*(\.\d*)?us)|(\d*(\.\d*)?µs)|(\d*(\.\d*)?ns))+`;
const linear = String.raw`(\d*(\.\d*)?(h|m|s|us|µs|ns))+`;

/** A duration. */
export const durationPattern: Pattern = {
  published: `^(${published})$`,
  matcher: new RegExp(`^${linear}$`),
};

/** A duration, `infinity` or `infinite`. */
export const durationOrInfinityPattern: Pattern = {
  published: `^(${published}|infinity|infinite)$`,
  matcher: new RegExp(`^(${linear}|infinity|infinite)$`),
};

/** A duration or a bare `0`. */
export const durationOrZeroPattern: Pattern = {
  published: `^(${published}|0)$`,
  matcher: new RegExp(`^(${linear}|0)$`),
};

/** A host name in lower case, with an optional leading `*.`. */
export const fqdnPattern =
  /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A DNS name in lower case; also the rule for the names of most objects. */
export const dnsNamePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A single DNS label in lower case; the rule for the names of namespaces. */
export const dnsLabelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A method or header name in a CORS policy. */
export const corsTokenPattern = /^[a-zA-Z0-9!#$%&'*+.^_`|~-]+$/;

/** A path that begins with a slash. In Go's engine, unlike ours, a dot takes all but line feeds. */
export const absolutePathPattern: Pattern = { published: "^\\/.*$", matcher: /^\/[^\n]*$/ };

const controlCharacters = String
  .raw`\x7f\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f`;

/** The name of a cookie. */
export const cookieNamePattern = new RegExp(
  String.raw`^[^()<>@,;:\\"\/[\]?={} \t` + controlCharacters + "]+$",
);

/** The value of a cookie's `Path` attribute. */
export const cookiePathPattern = new RegExp(`^[^;${controlCharacters}]+$`);

/** A number without sign or exponent. */
export const decimalPattern = /^([0-9]+([.][0-9]+)?|[.][0-9]+)$/;

/** The type of a status condition. */
export const conditionTypePattern =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/;

/** The reason of a status condition. */
export const conditionReasonPattern = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
