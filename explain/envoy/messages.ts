/**
 * The parts of Envoy's messages that say where a request goes, as its admin interface writes them:
 * proto3 JSON with the names of the .proto files, defaults left out.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/api
 */
export interface ListenerJson {
  readonly name: string;
  readonly filter_chains?: readonly FilterChainJson[];
  readonly default_filter_chain?: FilterChainJson;
  readonly listener_filters?: readonly { readonly name: string }[];
}

export interface FilterChainJson {
  readonly name?: string;
  readonly filter_chain_match?: {
    readonly server_names?: readonly string[];
    readonly transport_protocol?: string;
  };
  readonly filters?: readonly {
    readonly name: string;
    readonly typed_config?: HttpConnectionManagerJson | TcpProxyJson;
  }[];
  readonly transport_socket?: unknown;
}

export interface HttpConnectionManagerJson {
  readonly "@type": string;
  readonly rds?: { readonly route_config_name: string };
  readonly route_config?: RouteConfigurationJson;
  readonly scoped_routes?: {
    readonly name: string;
    readonly scope_key_builder: {
      readonly fragments: readonly {
        readonly header_value_extractor: {
          readonly name: string;
          readonly element_separator?: string;
          readonly index?: number;
        };
      }[];
    };
  };
  readonly early_header_mutation_extensions?: readonly {
    readonly typed_config: {
      readonly mutations?: readonly {
        readonly append?: { readonly header: { readonly key: string; readonly value?: string } };
      }[];
    };
  }[];
  readonly http_filters?: readonly { readonly name: string; readonly typed_config?: unknown }[];
}

export interface TcpProxyJson extends ClustersJson {
  readonly "@type": string;
}

/** One cluster, or several with weights. */
export interface ClustersJson {
  readonly cluster?: string;
  readonly weighted_clusters?: {
    readonly clusters: readonly {
      readonly name: string;
      readonly weight?: number;
      readonly host_rewrite_literal?: string;
    }[];
  };
}

export interface ScopeJson {
  readonly name: string;
  readonly key: { readonly fragments: readonly { readonly string_key: string }[] };
  readonly route_configuration_name?: string;
  readonly route_configuration?: RouteConfigurationJson;
}

export interface RouteConfigurationJson {
  readonly name?: string;
  readonly virtual_hosts?: readonly VirtualHostJson[];
  readonly ignore_port_in_host_matching?: boolean;
}

export interface VirtualHostJson {
  readonly name: string;
  readonly domains: readonly string[];
  readonly routes?: readonly RouteJson[];
  readonly require_tls?: "NONE" | "EXTERNAL_ONLY" | "ALL";
  readonly metadata?: MetadataJson;
}

export interface MetadataJson {
  readonly filter_metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface RouteJson {
  readonly name?: string;
  readonly match: RouteMatchJson;
  readonly route?: RouteActionJson;
  readonly redirect?: RedirectJson;
  readonly direct_response?: {
    readonly status: number;
    readonly body?: { readonly inline_string?: string };
  };
  readonly metadata?: MetadataJson;
}

export interface RouteMatchJson {
  readonly prefix?: string;
  readonly path?: string;
  readonly path_separated_prefix?: string;
  readonly safe_regex?: { readonly regex: string };
  readonly case_sensitive?: boolean;
  readonly headers?: readonly HeaderMatcherJson[];
  readonly query_parameters?: readonly QueryParameterMatcherJson[];
}

export interface HeaderMatcherJson {
  readonly name: string;
  readonly string_match?: StringMatcherJson;
  readonly present_match?: boolean;
  readonly range_match?: { readonly start?: string; readonly end?: string };
  readonly invert_match?: boolean;
  readonly treat_missing_header_as_empty?: boolean;
  /** Spellings of older control planes. */
  readonly exact_match?: string;
  readonly prefix_match?: string;
  readonly suffix_match?: string;
  readonly contains_match?: string;
  readonly safe_regex_match?: { readonly regex: string };
}

export interface QueryParameterMatcherJson {
  readonly name: string;
  readonly string_match?: StringMatcherJson;
  readonly present_match?: boolean;
}

export interface StringMatcherJson {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly safe_regex?: { readonly regex: string };
  readonly ignore_case?: boolean;
}

export interface RouteActionJson extends ClustersJson {
  readonly prefix_rewrite?: string;
  readonly regex_rewrite?: {
    readonly pattern: { readonly regex: string };
    readonly substitution?: string;
  };
  readonly host_rewrite_literal?: string;
  readonly host_rewrite_header?: string;
  /** `15s` if left out; `0s` for none. */
  readonly timeout?: string;
}

export interface RedirectJson {
  readonly https_redirect?: boolean;
  readonly scheme_redirect?: string;
  readonly host_redirect?: string;
  readonly port_redirect?: number;
  readonly path_redirect?: string;
  readonly prefix_rewrite?: string;
  readonly response_code?: keyof typeof redirectCodes;
  readonly strip_query?: boolean;
}

/** The status of a redirect by Envoy's word for it; the first one if left out. */
export const redirectCodes = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
} as const;

export interface ClusterJson {
  readonly name: string;
  readonly type?: string;
  readonly eds_cluster_config?: { readonly service_name?: string };
  readonly load_assignment?: EndpointsJson;
}

export interface EndpointsJson {
  readonly cluster_name: string;
  readonly endpoints?: readonly {
    readonly lb_endpoints?: readonly { readonly health_status?: string }[];
  }[];
}
