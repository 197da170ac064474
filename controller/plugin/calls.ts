import type { PolicyReading, Problem } from "../api/mod.ts";
import type { Message } from "../../proto/mod.ts";
import type {
  ConvertedPolicy,
  HostContribution,
  HostView,
  LintedObjects,
  LintFinding,
  PluginContext,
  PluginDiagnostic,
  PolicyLevel,
  RouteView,
} from "./contract.ts";
import type { PluginFacts } from "./facts.ts";

/** A plugin that can be asked, wherever it runs. All questions and answers are plain data. */
export interface RunningPlugin {
  readonly facts: PluginFacts;
  /** Asks it. Never throws: what goes wrong in there is an answer too. */
  readonly call: <Name extends CallName>(
    name: Name,
    question: Question<Name>,
  ) => Outcome<Answer<Name>>;
}

/** The answer, or why there is none, in a sentence without a final period. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
    readonly ok: false;
    readonly message: string;
    /** Of an {@link Evaluation} the source it was at, where that is known. */
    readonly source?: number;
  };

/** What a plugin can be asked. Policies, rules and so on are named by their place in the list. */
export interface Calls {
  /** Makes a policy of an object, whose namespace is filled in. */
  readonly read: {
    readonly question: {
      readonly policy: number;
      readonly value: unknown;
      readonly strict: boolean;
    };
    readonly answer: PolicyReading;
  };
  /** What is wrong with settings that the schema took. */
  readonly diagnose: {
    readonly question: { readonly policy: number; readonly settings: unknown };
    readonly answer: readonly PluginDiagnostic[];
  };
  /** What the policies of one kind add to a host and its routes. */
  readonly evaluate: { readonly question: Evaluation; readonly answer: Evaluated };
  /** The settings of the administrator, checked. */
  readonly configure: {
    readonly question: { readonly settings: unknown };
    readonly answer:
      | { readonly ok: true; readonly settings: unknown }
      | { readonly ok: false; readonly problems: readonly Problem[] };
  };
  /** Which services are to be started. */
  readonly services: {
    readonly question: { readonly settings: unknown };
    readonly answer: readonly string[];
  };
  /** The configurations of filters and clusters; `null`: there is none. */
  readonly build: {
    readonly question: Pick<PluginContext, "settings" | "services" | "envoys">;
    readonly answer: {
      readonly filters: readonly (Message | null)[];
      readonly clusters: readonly (Message | null)[];
    };
  };
  /** The JSON schema of a policy as an object. */
  readonly schema: {
    readonly question: { readonly policy: number };
    readonly answer: Readonly<Record<string, unknown>>;
  };
  readonly lint: {
    readonly question: { readonly rule: number; readonly objects: LintedObjects };
    readonly answer: readonly LintFinding[];
  };
  readonly convert: {
    readonly question: {
      readonly conversion: number;
      readonly values: Readonly<Record<string, string>>;
    };
    readonly answer: ConvertedPolicy | null;
  };
}

/** One of {@link Calls}. */
export type CallName = keyof Calls;

/** What is asked. */
export type Question<Name extends CallName> = Calls[Name]["question"];

/** What is answered. */
export type Answer<Name extends CallName> = Calls[Name]["answer"];

/** A host, and the policies of one kind that reach it or its routes. */
export interface Evaluation {
  readonly policy: number;
  readonly host: HostView;
  readonly sources: readonly PolicySource[];
  /** Places in `sources`, the nearest first; empty: none is for the host as a whole. */
  readonly reach: readonly number[];
  readonly routes: readonly {
    readonly view: RouteView;
    /** The same for the route; not empty. */
    readonly reach: readonly number[];
  }[];
}

/** A policy, wherever it is written. */
export interface PolicySource {
  readonly id: string;
  readonly namespace: string;
  readonly level: PolicyLevel;
  readonly given:
    | { readonly kind: "settings"; readonly settings: unknown }
    | { readonly kind: "field"; readonly value: unknown }
    | { readonly kind: "annotations"; readonly values: Readonly<Record<string, string>> };
}

/** See {@link Evaluation}. */
export interface Evaluated {
  /** By source: what is wrong with it; `null`: nothing. */
  readonly sources: readonly (readonly Problem[] | null)[];
  readonly host: EvaluatedPart;
  /** In the order of the question. */
  readonly routes: readonly EvaluatedPart[];
}

/** `null`: nothing is added. */
export type EvaluatedPart =
  | { readonly kind: "contribution"; readonly contribution: HostContribution }
  | { readonly kind: "failed"; readonly message: string }
  | null;
