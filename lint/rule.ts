import type {
  Code,
  CodeRow,
  Kind,
  KubeObject,
  ObjectKey,
  Severity,
} from "../controller/api/mod.ts";
import type { VirtualHost } from "../controller/graph/mod.ts";

/** Advice that goes beyond the verdict of the controller: one thing to look for. */
export interface Rule {
  readonly code: Code | AdviceCode;
  /** What is printed of the code; `severity` holds unless an advice says otherwise. */
  readonly row: CodeRow;
  /** Everything it finds, in any order. */
  readonly check: (context: RuleContext) => Iterable<Advice>;
}

/** CTR401 on. */
export type AdviceCode = `CTR4${number}`;

/** What rules may look at. */
export interface RuleContext {
  /** What the files hold, by key. What is assumed is not among it. */
  readonly objects: readonly KubeObject[];
  /** Those of one kind. */
  readonly ofKind: <K extends Kind>(kind: K) => readonly Extract<KubeObject, { kind: K }>[];
  /** One of them. */
  readonly get: <K extends Kind>(
    kind: K,
    ref: { readonly namespace: string; readonly name: string },
  ) => Extract<KubeObject, { kind: K }> | undefined;
  /** The hosts that are served, by name, as the controller compiles them. */
  readonly hosts: readonly VirtualHost[];
  /** Whether the controller finds an error in the object. */
  readonly hasErrors: (key: ObjectKey) => boolean;
  /** Whether an HTTPProxy is of the class that is looked at. */
  readonly isOurs: (key: ObjectKey) => boolean;
  /** Milliseconds since 1970; 0: certificates are not judged by their days. */
  readonly nowMs: number;
  /** A certificate with fewer days left is worth a word. */
  readonly certificateDays: number;
}

/** One thing a rule found. */
export interface Advice {
  readonly object: ObjectKey;
  /** `spec.routes[0].services[1].weight` */
  readonly path: string;
  /** Whether it is about the name of the field rather than its value. */
  readonly at?: "key" | "value";
  readonly severity?: Severity;
  /** One sentence without a final period. */
  readonly message: string;
  readonly hint?: string;
  readonly related?: readonly AdviceRelated[];
  readonly change?: Change;
}

/** See {@link Advice}. */
export interface AdviceRelated {
  readonly object: ObjectKey;
  readonly path: string;
  readonly message: string;
}

/** What would mend it, in terms of the object. The text is found when it is wanted. */
export interface Change {
  readonly title: string;
  readonly safety: "safe" | "unsafe";
  readonly steps: readonly Step[];
}

/** One change of an object. */
export type Step =
  /** Takes away a field or an item. */
  | { readonly kind: "remove"; readonly path: string }
  /** Writes another scalar in place of one. */
  | { readonly kind: "replace"; readonly path: string; readonly scalar: string }
  /** Gives a field another name. */
  | { readonly kind: "rename"; readonly path: string; readonly name: string };
