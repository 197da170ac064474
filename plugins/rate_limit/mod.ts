/**
 * A rate limit service for Envoy (RLS v3): the configuration of the reference service, exact counting by
 * several algorithms, in memory or in Redis.
 * @module
 */
export {
  type LogFields,
  type RateLimitService,
  type RateLimitServiceOptions,
  type ServiceLog,
  startRateLimitService,
  type StoreChoice,
} from "./service.ts";
export {
  compile,
  type Compiled,
  type CompileOptions,
  type DomainSource,
} from "./configuration/compile.ts";
export type {
  CompiledDomain,
  CountedSpec,
  Limit,
  LimitSpec,
  UnlimitedSpec,
} from "./configuration/compiled.ts";
export { type Entry, lookUp, type Match } from "./configuration/lookup.ts";
export {
  type ConfigurationPath,
  type ConfigurationPlace,
  type ConfigurationProblem,
  problemLine,
} from "./configuration/problem.ts";
export { type ConfigurationReading, readConfiguration } from "./configuration/read.ts";
export {
  type AlgorithmName,
  algorithmNames,
  type DescriptorConfiguration,
  type DomainConfiguration,
  type LimitConfiguration,
} from "./configuration/schema.ts";
export { type ConfigurationState, readConfigurationFiles } from "./configuration/source.ts";
export { type Unit, unitMs, units } from "./configuration/unit.ts";
export type { AnswerOptions } from "./decision/answer.ts";
export {
  capacityOf,
  count,
  type Counter,
  type CountingSpec,
  newCounter,
  type Outcome,
} from "./decision/counting.ts";
export {
  Decider,
  type DeciderOptions,
  type DecisionObserver,
  RefusedRequest,
  type StoreFailureChoice,
  storeFailureChoices,
} from "./decision/decider.ts";
export type { HeaderOptions, ResponseHeaders } from "./decision/headers.ts";
export type { LimitOverride, RateLimitRequest, RequestDescriptor } from "./decision/request.ts";
export type {
  CurrentLimit,
  DescriptorStatus,
  Header,
  RateLimitResponse,
} from "./decision/response.ts";
export { newTally, type Tally } from "./decision/tally.ts";
export { RateLimitMetrics } from "./metrics.ts";
export { MemoryStore, type MemoryStoreOptions } from "./stores/memory_store.ts";
export type {
  RedisAccess,
  RedisAddress,
  RedisNode,
  RedisPlace,
  RedisTls,
} from "./stores/redis/connect.ts";
export { RedisStore, type RedisStoreOptions } from "./stores/redis/redis_store.ts";
export { type Hit, type Store, StoreFailure, type StoreReport } from "./stores/store.ts";
export { type GrpcPlace, type GrpcServer, serveGrpc } from "./server/grpc/server.ts";
export type { GrpcMethod, StreamCall, StreamHandler } from "./server/grpc/call.ts";
export {
  type DescriptorExplanation,
  explainDescriptor,
  type OtherLimit,
  type PlacedLimit,
} from "./configuration/explain.ts";
export {
  booleanOf,
  type EnvironmentReading,
  type EnvironmentValues,
  type IgnoredVariable,
  readEnvironment,
  unusedVariables,
  usedVariables,
} from "./environment.ts";
export { parseRedisUrl, type RedisUrl } from "./stores/redis/redis_url.ts";
export { type DescriptorReach, descriptorReach } from "./lint/descriptor_reach.ts";
export { PolicyTable } from "./policy_table.ts";
export { default } from "./plugin.ts";
