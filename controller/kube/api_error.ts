/** An API server that answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status: 404. */
  readonly status: number;
  /** The reason word of the answer: `AlreadyExists`; empty when it gave none. */
  readonly reason: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(what: string, answer: Answer) {
    const { status, reason = "", message = "" } = answer;
    super(
      `${what}: server answered ${[status, reason].filter(Boolean).join(" ")}${detail(message)}`,
    );
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** What was answered. */
export interface Answer {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterMs?: number;
}

/** An API server that gave no answer, or one that broke off. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** The error an answer stands for; the body should be a `Status`, but proxies answer with pages. */
export function errorOf(what: string, answer: Response, body: string): ApiError {
  const { reason, message, retryAfterMs } = readStatus(body);
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : retryAfterMs;
  return new ApiError(what, {
    status: answer.status,
    reason: reason ?? answer.statusText,
    message: message ?? body.slice(0, 200),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** The error of a `Status` object, which a watch sends in place of an object. */
export function errorOfStatus(what: string, status: unknown): ApiError {
  const { code, ...rest } = statusFields(status);
  return new ApiError(what, { status: code ?? 500, ...rest });
}

function readStatus(body: string): Partial<Answer> {
  try {
    return statusFields(JSON.parse(body));
  } catch {
    return {}; // no JSON
  }
}

function statusFields(value: unknown): Partial<Answer> & { readonly code?: number } {
  if (typeof value !== "object" || value === null) return {};
  const { code, reason, message, details } = value as Record<string, unknown>;
  const seconds = typeof details === "object" && details !== null && "retryAfterSeconds" in details
    ? details.retryAfterSeconds
    : undefined;
  return {
    ...(typeof code === "number" ? { code } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof seconds === "number" ? { retryAfterMs: seconds * 1_000 } : {}),
  };
}

function detail(message: string): string {
  const text = message.trim().replaceAll(/\s+/g, " ");
  return text === "" ? "" : `: ${text.slice(0, 500)}`;
}
