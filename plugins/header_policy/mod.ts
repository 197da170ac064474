/**
 * Header policies: what the header policies of HTTPProxy cannot. `settings` is what users write,
 * `program` what it comes to, `envoy` how Envoy is told.
 * @module
 */
import { definePlugin } from "../../controller/plugin/mod.ts";
import { dropFilter, filterNames, filterTypes } from "./envoy/filters.ts";
import { HeaderPolicy } from "./policy.ts";

/** See `docs/features/header-policies.md`. */
export default definePlugin({
  contract: 1,
  name: "header-policy",
  summary: "Changes headers of requests and responses, and sets security headers and CORS.",
  policies: [HeaderPolicy],
  filters: [
    {
      name: filterNames.responseDrop,
      before: "header-policy/response",
      type: filterTypes.lua,
      config: () => dropFilter("response"),
      always: true,
    },
    {
      name: filterNames.response,
      before: "header-policy/response-read",
      type: filterTypes.composite,
      always: true,
    },
    {
      name: filterNames.responseRead,
      before: ["compression", "grpc-web"],
      type: filterTypes.headerToMetadata,
      always: true,
    },
    {
      name: filterNames.requestRead,
      after: ["authorization", "rate-limit"],
      type: filterTypes.headerToMetadata,
      always: true,
    },
    {
      name: filterNames.request,
      after: "header-policy/request-read",
      type: filterTypes.composite,
      always: true,
    },
    {
      name: filterNames.requestDrop,
      after: "header-policy/request",
      type: filterTypes.lua,
      config: () => dropFilter("request"),
      always: true,
    },
  ],
});
