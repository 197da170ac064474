import type { Message } from "../../proto/mod.ts";
import { accessLogName } from "./names.ts";
import type { AccessLogOptions } from "./options.ts";

/** The access logs of a listener: none or one. */
export function accessLogs(options: AccessLogOptions | undefined): readonly Message[] {
  if (options === undefined) return [];
  const { path, format } = options;
  return [{
    name: accessLogName,
    typedConfig: {
      "@type": "envoy.extensions.access_loggers.file.v3.FileAccessLog",
      path,
      ...(format === undefined
        ? {}
        : { logFormat: { textFormatSource: { inlineString: format } } }),
    },
  }];
}
