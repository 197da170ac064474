/** A rate limit service for Envoy to ask, that counts and says what it was asked. */
import { decode, encode, isMessage, type Message } from "../../proto/mod.ts";
import { startGrpcServer } from "./grpc_server.ts";

/** What a service was asked about one request. */
export interface LimitQuestion {
  readonly domain: string;
  /** Each as `key=value,key=value`. */
  readonly descriptors: readonly string[];
}

/** A service that lets a number of requests pass for each descriptor, and no more. */
export interface RateLimiter extends AsyncDisposable {
  readonly port: number;
  /** Every question so far, in order. */
  readonly questions: readonly LimitQuestion[];
  /** By descriptor, how many requests may pass; any number where nothing is said. */
  readonly limits: Map<string, number>;
  /** Begins to count anew. */
  readonly forget: () => void;
}

const requestType = "envoy.service.ratelimit.v3.RateLimitRequest";
const responseType = "envoy.service.ratelimit.v3.RateLimitResponse";

/** Starts a service. */
export async function startRateLimiter(): Promise<RateLimiter> {
  const questions: LimitQuestion[] = [];
  const limits = new Map<string, number>();
  const counts = new Map<string, number>();
  const { port, stop } = await startGrpcServer<Message, Message>({
    path: "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit",
    decode: (body) => decode(requestType, body),
    encode: (message) => encode(responseType, message),
    answer(request) {
      const question = read(request);
      questions.push(question);
      const statuses = question.descriptors.map((descriptor): Message => {
        const count = (counts.get(descriptor) ?? 0) + 1;
        counts.set(descriptor, count);
        const limit = limits.get(descriptor);
        if (limit === undefined) return { code: "OK" };
        return {
          code: count > limit ? "OVER_LIMIT" : "OK",
          currentLimit: { requestsPerUnit: limit, unit: "HOUR" },
          limitRemaining: Math.max(0, limit - count),
          durationUntilReset: { seconds: 60 },
        };
      });
      const isOver = statuses.some(({ code }) => code === "OVER_LIMIT");
      return { overallCode: isOver ? "OVER_LIMIT" : "OK", statuses };
    },
  });
  return {
    port,
    questions,
    limits,
    forget: () => counts.clear(),
    [Symbol.asyncDispose]: stop,
  };
}

function read(request: Message): LimitQuestion {
  return {
    domain: String(request["domain"] ?? ""),
    descriptors: list(request["descriptors"]).map((descriptor) =>
      list(descriptor["entries"]).map(({ key, value }) => `${key}=${value}`).join(",")
    ),
  };
}

function list(value: unknown): readonly Message[] {
  return Array.isArray(value) ? value.filter(isMessage) : [];
}
