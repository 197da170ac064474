/** A collector of traces that speaks OpenTelemetry, for Envoy to tell. */
import protobuf from "protobufjs";
import { startGrpcServer } from "./grpc_server.ts";

/** What was told of one request. */
export interface Span {
  readonly name: string;
  /** Of the span above it, in hexadecimal; "" for none. */
  readonly parent: string;
  /** `service.name` and the like, of who tells it. */
  readonly resource: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A running collector. */
export interface TraceCollector extends AsyncDisposable {
  readonly port: number;
  /** Every span so far, in order. */
  readonly spans: readonly Span[];
}

// What we read of https://github.com/open-telemetry/opentelemetry-proto.
const { root } = protobuf.parse(
  `syntax = "proto3";
message Export { repeated Resources resources = 1; }
message Resources { Resource resource = 1; repeated Scope scopes = 2; }
message Resource { repeated Entry entries = 1; }
message Scope { repeated Told spans = 2; }
message Told { bytes parent = 4; string name = 5; repeated Entry entries = 9; }
message Entry { string key = 1; Value value = 2; }
message Value { string text = 1; }`,
);
const exportType = root.lookupType("Export");

/** Starts a collector. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: Span[] = [];
  const { port, stop } = await startGrpcServer<readonly Span[], Uint8Array>({
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    decode: read,
    encode: (body) => body,
    answer(told) {
      spans.push(...told);
      return new Uint8Array();
    },
  });
  return { port, spans, [Symbol.asyncDispose]: stop };
}

interface Entry {
  readonly key: string;
  readonly value: { readonly text: string };
}

interface Export {
  readonly resources: readonly {
    readonly resource: { readonly entries: readonly Entry[] };
    readonly scopes: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly parent: Uint8Array;
        readonly entries: readonly Entry[];
      }[];
    }[];
  }[];
}

function read(body: Uint8Array): readonly Span[] {
  const message = exportType.toObject(exportType.decode(body), { defaults: true }) as Export;
  return message.resources.flatMap(({ resource, scopes }) =>
    scopes.flatMap(({ spans }) =>
      spans.map(({ name, parent, entries }) => ({
        name,
        parent: [...parent].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
        resource: texts(resource.entries),
        tags: texts(entries),
      }))
    )
  );
}

function texts(entries: readonly Entry[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value.text]));
}
