/** The API types under names that do not clash with those of the model. */
export type {
  HeadersPolicy,
  Include as ProxyInclude,
  LoadBalancerPolicy,
  MatchCondition,
  Route as ProxyRoute,
  RouteService as ProxyService,
  TCPProxy as ProxyTcp,
} from "../../api/mod.ts";
