import type { FileDeclaration } from "./file_descriptors.ts";

/** The name of the service that Envoy asks. */
export const rateLimitService = "envoy.service.ratelimit.v3.RateLimitService";

const rls = ".envoy.service.ratelimit.v3";
const unit = { UNKNOWN: 0, SECOND: 1, MINUTE: 2, HOUR: 3, DAY: 4, MONTH: 5, YEAR: 6 };

/**
 * What reflection tells of: the messages of the service with all their fields, those included that are
 * newer than the .proto files we have.
 */
export const declarations: readonly FileDeclaration[] = [
  {
    name: "envoy/service/ratelimit/v3/rls.proto",
    package: "envoy.service.ratelimit.v3",
    imports: [
      "envoy/config/core/v3/base.proto",
      "envoy/extensions/common/ratelimit/v3/ratelimit.proto",
      "google/protobuf/duration.proto",
      "google/protobuf/struct.proto",
      "google/protobuf/timestamp.proto",
      "google/protobuf/wrappers.proto",
    ],
    services: {
      RateLimitService: {
        ShouldRateLimit: { takes: `${rls}.RateLimitRequest`, answers: `${rls}.RateLimitResponse` },
      },
    },
    messages: {
      RateLimitRequest: {
        fields: {
          domain: [1, "string"],
          descriptors: [2, "[].envoy.extensions.common.ratelimit.v3.RateLimitDescriptor"],
          hits_addend: [3, "uint32"],
        },
      },
      RateLimitResponse: {
        fields: {
          overall_code: [1, `${rls}.RateLimitResponse.Code`],
          statuses: [2, `[]${rls}.RateLimitResponse.DescriptorStatus`],
          response_headers_to_add: [3, "[].envoy.config.core.v3.HeaderValue"],
          request_headers_to_add: [4, "[].envoy.config.core.v3.HeaderValue"],
          raw_body: [5, "bytes"],
          dynamic_metadata: [6, ".google.protobuf.Struct"],
          quota: [7, `${rls}.RateLimitResponse.Quota`],
        },
        enums: { Code: { UNKNOWN: 0, OK: 1, OVER_LIMIT: 2 } },
        messages: {
          RateLimit: {
            fields: {
              requests_per_unit: [1, "uint32"],
              unit: [2, `${rls}.RateLimitResponse.RateLimit.Unit`],
              name: [3, "string"],
              unit_multiplier: [4, ".google.protobuf.UInt32Value"],
            },
            enums: { Unit: { ...unit, WEEK: 7 } },
          },
          Quota: {
            fields: {
              requests: [1, "uint32"],
              valid_until: [2, ".google.protobuf.Timestamp", "expiration_specifier"],
              id: [3, "string"],
            },
          },
          DescriptorStatus: {
            fields: {
              code: [1, `${rls}.RateLimitResponse.Code`],
              current_limit: [2, `${rls}.RateLimitResponse.RateLimit`],
              limit_remaining: [3, "uint32"],
              duration_until_reset: [4, ".google.protobuf.Duration"],
              quota: [5, `${rls}.RateLimitResponse.Quota`],
            },
          },
        },
      },
    },
  },
  {
    name: "envoy/extensions/common/ratelimit/v3/ratelimit.proto",
    package: "envoy.extensions.common.ratelimit.v3",
    imports: ["envoy/type/v3/ratelimit_unit.proto", "google/protobuf/wrappers.proto"],
    messages: {
      RateLimitDescriptor: {
        fields: {
          entries: [1, "[].envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry"],
          limit: [2, ".envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.RateLimitOverride"],
          hits_addend: [3, ".google.protobuf.UInt64Value"],
          is_negative_hits: [4, "bool"],
        },
        messages: {
          Entry: { fields: { key: [1, "string"], value: [2, "string"] } },
          RateLimitOverride: {
            fields: {
              requests_per_unit: [1, "uint32"],
              unit: [2, ".envoy.type.v3.RateLimitUnit"],
              unit_multiplier: [3, ".google.protobuf.UInt32Value"],
            },
          },
        },
      },
    },
  },
  {
    name: "envoy/type/v3/ratelimit_unit.proto",
    package: "envoy.type.v3",
    enums: { RateLimitUnit: unit },
  },
  {
    name: "envoy/config/core/v3/base.proto",
    package: "envoy.config.core.v3",
    messages: {
      HeaderValue: {
        fields: { key: [1, "string"], value: [2, "string"], raw_value: [3, "bytes"] },
      },
    },
  },
  {
    name: "google/protobuf/duration.proto",
    package: "google.protobuf",
    messages: { Duration: { fields: { seconds: [1, "int64"], nanos: [2, "int32"] } } },
  },
  {
    name: "google/protobuf/timestamp.proto",
    package: "google.protobuf",
    messages: { Timestamp: { fields: { seconds: [1, "int64"], nanos: [2, "int32"] } } },
  },
  {
    name: "google/protobuf/wrappers.proto",
    package: "google.protobuf",
    messages: {
      UInt32Value: { fields: { value: [1, "uint32"] } },
      UInt64Value: { fields: { value: [1, "uint64"] } },
    },
  },
  {
    name: "google/protobuf/struct.proto",
    package: "google.protobuf",
    enums: { NullValue: { NULL_VALUE: 0 } },
    messages: {
      Struct: {
        fields: { fields: [1, "[].google.protobuf.Struct.FieldsEntry"] },
        messages: {
          FieldsEntry: {
            fields: { key: [1, "string"], value: [2, ".google.protobuf.Value"] },
            isMapEntry: true,
          },
        },
      },
      Value: {
        fields: {
          null_value: [1, ".google.protobuf.NullValue", "kind"],
          number_value: [2, "double", "kind"],
          string_value: [3, "string", "kind"],
          bool_value: [4, "bool", "kind"],
          struct_value: [5, ".google.protobuf.Struct", "kind"],
          list_value: [6, ".google.protobuf.ListValue", "kind"],
        },
      },
      ListValue: { fields: { values: [1, "[].google.protobuf.Value"] } },
    },
  },
  {
    name: "grpc/health/v1/health.proto",
    package: "grpc.health.v1",
    services: {
      Health: {
        Check: {
          takes: ".grpc.health.v1.HealthCheckRequest",
          answers: ".grpc.health.v1.HealthCheckResponse",
        },
        List: {
          takes: ".grpc.health.v1.HealthListRequest",
          answers: ".grpc.health.v1.HealthListResponse",
        },
        Watch: {
          takes: ".grpc.health.v1.HealthCheckRequest",
          answers: ".grpc.health.v1.HealthCheckResponse",
          isStream: "server",
        },
      },
    },
    messages: {
      HealthCheckRequest: { fields: { service: [1, "string"] } },
      HealthCheckResponse: {
        fields: { status: [1, ".grpc.health.v1.HealthCheckResponse.ServingStatus"] },
        enums: {
          ServingStatus: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 },
        },
      },
      HealthListRequest: { fields: {} },
      HealthListResponse: {
        fields: { statuses: [1, "[].grpc.health.v1.HealthListResponse.StatusesEntry"] },
        messages: {
          StatusesEntry: {
            fields: { key: [1, "string"], value: [2, ".grpc.health.v1.HealthCheckResponse"] },
            isMapEntry: true,
          },
        },
      },
    },
  },
];
