/** Policies, and what becomes of messages by them: the cases that are asked of a real Envoy. */

/** A host with policies, and requests to it. */
export interface Case {
  /** What it shows; its host is named for it. */
  readonly name: string;
  /** The `spec` of the policy of the host in YAML, or how the host is written. */
  readonly policy: string | Written;
  readonly asks: readonly Ask[];
}

/** Policies that are not just one for a host. */
export interface Written {
  /** YAML documents in addition to the Services; `$HOST` stands for the host name, `$NS` for a namespace, `$NAME` for a name. */
  readonly manifest: string;
  /** Default: the one derived from the name. May be a wildcard. */
  readonly fqdn?: string;
}

/** A request, and what is to come of it. */
export interface Ask {
  readonly method?: string;
  /** Default: `/`. */
  readonly path?: string;
  /** Several values are sent as several headers. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What the Service answers with. */
  readonly reply?: Readonly<Record<string, string | readonly string[]>>;
  readonly status?: number;
  readonly tls?: boolean;
  /** In place of that of the case. */
  readonly host?: string;
  /** Headers that the Service gets; several values in order, `undefined`: none. */
  readonly sees?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The same of the answer, several values joined by `, `. */
  readonly gets?: Readonly<Record<string, string | undefined>>;
  /** The status of the answer; default: `status`, or 200. */
  readonly answers?: number;
}
