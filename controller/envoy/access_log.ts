import { type Message, struct } from "../../proto/mod.ts";
import { accessLogName } from "./names.ts";
import type { AccessLogOptions } from "./options.ts";

/** The access logs of a listener: none or one. */
export function accessLogs(options: AccessLogOptions | undefined): readonly Message[] {
  if (options === undefined) return [];
  const { path, leastStatus } = options;
  const format = logFormat(options);
  return [{
    name: accessLogName,
    ...(leastStatus === undefined ? {} : { filter: atLeast(leastStatus) }),
    typedConfig: {
      "@type": "envoy.extensions.access_loggers.file.v3.FileAccessLog",
      path,
      ...(format === undefined ? {} : { logFormat: format }),
    },
  }];
}

function logFormat({ format, jsonFormat }: AccessLogOptions): Message | undefined {
  const formats = jsonFormat === undefined ? [format ?? ""] : Object.values(jsonFormat);
  const needed = formatters.filter(({ operator }) =>
    formats.some((format) => format.includes(`%${operator}(`))
  ).map(({ name, type }) => ({
    name: `envoy.formatter.${name}`,
    typedConfig: { "@type": `envoy.extensions.formatter.${name}.v3.${type}` },
  }));
  const beside = needed.length === 0 ? {} : { formatters: needed };
  if (jsonFormat !== undefined) {
    return { jsonFormat: struct(jsonFormat), omitEmptyValues: true, ...beside };
  }
  if (format === undefined) return undefined;
  return { textFormatSource: { inlineString: format }, ...beside };
}

/** Operators that Envoy knows by an extension only. */
const formatters = [
  { operator: "METADATA", name: "metadata", type: "Metadata" },
  { operator: "REQ_WITHOUT_QUERY", name: "req_without_query", type: "ReqWithoutQuery" },
];

function atLeast(status: number): Message {
  const runtimeKey = "contour.accesslog.filter.status_code";
  const comparison = { op: "GE", value: { defaultValue: status, runtimeKey } };
  return {
    orFilter: { filters: [{ statusCodeFilter: { comparison } }, { responseFlagFilter: {} }] },
  };
}
