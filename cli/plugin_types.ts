/**
 * The types of what plugins are handed and give back, for plugins that import nothing: `contour plugins
 * new` writes them beside the plugin, which reads no more than types of them. They say in short what
 * `controller/plugin/contract.ts` says, where every field is explained.
 */
export const pluginTypes =
  `// The types that a plugin of Contour is written with. Nothing of this file is there when the plugin runs.
// What the fields mean: docs/plugins.md.

export interface PluginKit {
  definePlugin<Shape extends SchemaShape = Record<never, never>>(
    plugin: PluginDefinition<Values<Shape>> & { readonly settings?: ObjectSchema<Shape> },
  ): Plugin;
  definePolicy<Shape extends SchemaShape>(
    policy: PolicyDefinition<Values<Shape>> & { readonly schema: ObjectSchema<Shape> },
  ): Policy;
  /** What schemas are made with: zod, of which the usual parts have types here. */
  readonly z: Schemas;
  /** Why Envoy would not take a regular expression: "must be …"; undefined: it takes it. */
  regexProblem(pattern: string): string | undefined;
  /** A text as a pattern that matches just that text. */
  quoteRegex(text: string): string;
}

declare const made: unique symbol;
export interface Plugin { readonly [made]: "plugin" }
export interface Policy { readonly [made]: "policy" }

export interface PluginDefinition<Settings> {
  readonly contract: 1;
  readonly name: string;
  readonly summary: string;
  readonly version?: string;
  readonly policies?: readonly Policy[];
  readonly filters?: readonly PluginFilter<Settings>[];
  readonly clusters?: readonly PluginCluster<Settings>[];
  readonly services?: readonly PluginService<Settings>[];
  readonly lintRules?: readonly PluginLintRule<Settings>[];
  readonly conversions?: readonly PluginConversion[];
}

export interface PolicyDefinition<Settings> {
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly plural?: string;
  readonly summary: string;
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
  readonly field?: string | false;
  readonly annotations?: {
    readonly names: readonly string[];
    readonly read: (values: Readonly<Record<string, string>>) => unknown;
  };
  readonly targets?: readonly ("HTTPProxy" | "Ingress" | "Namespace")[];
  readonly several?: "oldest" | "all";
  readonly failure?: "open" | "closed";
  readonly host?: (reach: HostReach<Settings>) => HostContribution | undefined;
  readonly route?: (reach: RouteReach<Settings>) => HostContribution | undefined;
  readonly diagnose?: (settings: Settings) => readonly PluginDiagnostic[];
}

export interface AttachedPolicy<Settings> {
  readonly settings: Settings;
  readonly level: "route" | "object" | "host" | "namespace";
  readonly id: string;
  readonly namespace: string;
}

export interface HostReach<Settings> {
  readonly host: HostView;
  /** The nearest first. */
  readonly policies: readonly [AttachedPolicy<Settings>, ...AttachedPolicy<Settings>[]];
}

export interface RouteReach<Settings> extends HostReach<Settings> {
  readonly route: RouteView;
}

export interface HostView {
  readonly fqdn: string;
  readonly owner: ObjectKey;
  readonly tls: boolean;
}

export interface RouteView {
  readonly object: ObjectKey;
  readonly path: string;
  readonly match: unknown;
  readonly action: "forward" | "redirect" | "direct-response";
  readonly services: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly port: number;
    readonly weight: number;
  }[];
}

export interface ObjectKey { readonly kind: string; readonly namespace: string; readonly name: string }

/** A message of Envoy, its fields in camel case; in an Any with "@type". */
export type Message = { readonly [field: string]: unknown };

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

export interface HostContribution {
  readonly filters?: Readonly<Record<string, Message>>;
  readonly roles?: Readonly<Partial<Record<"compression" | "cors" | "local-rate-limit", Message>>>;
  readonly message?: Message;
  readonly feed?: Readonly<Record<string, Json>>;
  readonly diagnostics?: readonly PluginDiagnostic[];
}

export interface PluginDiagnostic {
  readonly severity?: "error" | "warning" | "info";
  readonly message: string;
  readonly path?: string;
  readonly policy?: string;
  readonly hint?: string;
}

export interface PluginFilter<Settings> {
  readonly name: string;
  readonly after?: Place | readonly Place[];
  readonly before?: Place | readonly Place[];
  readonly type: string;
  readonly config?: (context: PluginContext<Settings>) => Message | undefined;
  readonly always?: boolean;
  readonly failure?: "open" | "closed";
}

export type Place =
  | "compression"
  | "grpc-web"
  | "grpc-stats"
  | "cors"
  | "local-rate-limit"
  | "cookie-rewrite"
  | "ip-filter"
  | "jwt"
  | "authorization"
  | "rate-limit"
  | "router"
  | \`\${string}/\${string}\`;

export interface PluginContext<Settings> {
  readonly settings: Settings;
  readonly services: Readonly<Record<string, ServiceAddress>>;
  readonly clusterName: (name: string) => string;
  readonly envoys: EnvoyReach;
}

export type EnvoyReach =
  | { readonly kind: "beside" }
  | {
    readonly kind: "elsewhere";
    readonly listen: string;
    readonly host: string;
    readonly tls?: { readonly certificate: string; readonly key: string; readonly ca: string };
  };

export interface ServiceAddress { readonly address: string; readonly port: number }

export interface PluginCluster<Settings> {
  readonly name: string;
  readonly config: (context: PluginContext<Settings>) => Message | undefined;
}

export interface PluginService<Settings> {
  readonly name: string;
  readonly start: (surroundings: ServiceSurroundings<Settings>) => Promise<RunningService>;
  readonly isWanted?: (settings: Settings) => boolean;
}

export interface ServiceSurroundings<Settings> {
  readonly settings: Settings;
  readonly envoys: EnvoyReach;
  readonly signal: AbortSignal;
  readonly log: (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields?: Readonly<Record<string, string | number | boolean | undefined>>,
  ) => void;
  readonly metrics: (text: () => string | Promise<string>) => void;
  readonly health: (reason: string | undefined) => void;
  readonly feed: AsyncIterable<{
    readonly changed: ReadonlyMap<string, Json>;
    readonly removed: readonly string[];
  }>;
  readonly previous?: ServiceAddress;
}

export interface RunningService {
  readonly address?: ServiceAddress;
  readonly done: Promise<void>;
}

export interface PluginLintRule<Settings> {
  readonly name: string;
  readonly severity: "error" | "warning" | "info";
  readonly explanation: string;
  readonly check: (objects: LintedObjects<Settings>) => readonly LintFinding[];
}

export interface LintedObjects<Settings> {
  readonly objects: readonly LintedObject[];
  readonly policies: readonly LintedObject[];
  readonly settings: Settings;
}

export interface LintedObject extends ObjectKey {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

export interface LintFinding {
  readonly object?: ObjectKey;
  readonly path?: string;
  readonly position?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly endLine: number;
    readonly endColumn: number;
  };
  readonly message: string;
  readonly hint?: string;
}

export interface PluginConversion {
  readonly annotations: readonly string[];
  readonly kind: string;
  readonly convert: (values: Readonly<Record<string, string>>) => {
    readonly settings: unknown;
    readonly lost?: readonly { readonly annotation: string; readonly why: string }[];
  } | undefined;
}

// Schemas, as zod has them: https://zod.dev

export type SchemaShape = Readonly<Record<string, Schema<unknown>>>;
export type Values<Shape extends SchemaShape> = { readonly [Name in keyof Shape]: ValueOf<Shape[Name]> };
export type ValueOf<S> = S extends Schema<infer Value> ? Value : never;
type Problem = string | { readonly error: string };

export interface Schema<Value> {
  readonly "~value"?: Value;
  describe(text: string): this;
  optional(): Schema<Value | undefined>;
  default(value: Value): Schema<Value>;
  refine(check: (value: Value) => boolean, problem?: Problem): this;
  superRefine(
    check: (value: Value, context: {
      addIssue(issue: {
        readonly code: "custom";
        readonly message: string;
        readonly path?: readonly (string | number)[];
        readonly input?: unknown;
      }): void;
    }) => void,
  ): this;
}

interface Bounded<Value> extends Schema<Value> {
  min(least: number, problem?: Problem): this;
  max(most: number, problem?: Problem): this;
}

export interface StringSchema extends Bounded<string> {
  regex(pattern: RegExp, problem?: Problem): this;
}

export interface ObjectSchema<Shape extends SchemaShape> extends Schema<Values<Shape>> {
  readonly shape: Shape;
}

export interface Schemas {
  string(): StringSchema;
  number(): Bounded<number>;
  int(): Bounded<number>;
  boolean(): Schema<boolean>;
  unknown(): Schema<unknown>;
  literal<Value extends string | number | boolean>(value: Value): Schema<Value>;
  enum<Value extends string>(values: readonly [Value, ...Value[]]): Schema<Value>;
  array<Item>(item: Schema<Item>): Bounded<readonly Item[]>;
  record<Item>(key: StringSchema, item: Schema<Item>): Schema<Readonly<Record<string, Item>>>;
  object<Shape extends SchemaShape>(shape: Shape): ObjectSchema<Shape>;
  union<Options extends readonly [Schema<unknown>, ...Schema<unknown>[]]>(
    options: Options,
  ): Schema<ValueOf<Options[number]>>;
}
`;
