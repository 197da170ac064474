import type { Message } from "../../proto/mod.ts";
import { luaFilter } from "./http_filter.ts";
import { filterNames } from "./names.ts";

/**
 * Answers 421 to a request for another host than the one the TLS connection was opened for. HTTP/2
 * clients reuse connections for all names of a certificate; without this a host with stricter TLS
 * settings could be reached through one with laxer ones.
 * See https://www.rfc-editor.org/rfc/rfc9110#name-421-misdirected-request
 */
export function misdirectedRequestFilter(): Message {
  return filter;
}

const filter = luaFilter(
  filterNames.misdirectedRequest,
  `function envoy_on_request(handle)
  local authority = string.lower(handle:headers():get(":authority") or "")
  local host = string.match(authority, "^[^:]*")
  if host ~= string.lower(handle:streamInfo():requestedServerName()) then
    handle:respond({[":status"] = "421"}, "misdirected request\\n")
  end
end
`,
);
