import {
  type Diagnostic,
  isPolicyKind,
  type Kind,
  type KubeObject,
  noPolicyKinds,
  type PolicyKinds,
} from "../api/mod.ts";
import { ApiError } from "./api_error.ts";
import type { KubeClient } from "./client.ts";
import { ObjectTable } from "./object_table.ts";
import { listPath, policyResource, resourceOf, resources } from "./resources.ts";

/**
 * The objects of a cluster at one moment, read as the controller reads them. A kind whose
 * CustomResourceDefinition is missing has no objects; one that may not be listed is told. Rejects
 * with an `UnreachableError` when the server does not answer, with an `ApiError` when it does not
 * know us.
 */
export async function listCluster(options: ListOptions): Promise<ClusterListing> {
  const { client, kinds, others = [], policyKinds = noPolicyKinds, namespace } = options;
  const questions: readonly Question[] = [
    ...kinds.map((kind) => ({
      kind,
      path: listPath(resources[kind], namespace),
      query: selectorOf(resources[kind].fieldSelector),
    })),
    ...policyKinds.values().map(policyResource).map((resource) => ({
      kind: resource.kind,
      path: listPath(resource, namespace),
      query: {},
    })),
    ...others.map(({ kind, apiVersion, plural }) => ({
      kind,
      path: namespace === undefined
        ? `/apis/${apiVersion}/${plural}`
        : `/apis/${apiVersion}/namespaces/${namespace}/${plural}`,
      query: {},
      apiVersion,
    })),
  ];
  const answers = await Promise.all(
    questions.map(async (question) => ({ question, answer: await ask(client, question, options) })),
  );
  const table = new ObjectTable(policyKinds);
  const raw: RawItem[] = [];
  const absent: string[] = [];
  const forbidden: NotListed[] = [];
  for (const { question: { kind, apiVersion }, answer } of answers) {
    switch (answer.kind) {
      case "listed":
        for (const value of answer.items) {
          if (isPolicyKind(kind)) {
            table.put({ resource: resourceOf(kind, policyKinds) }, value);
            continue;
          }
          raw.push({ kind, ...(apiVersion === undefined ? {} : { apiVersion }), value });
          if (isOurs(kind) && apiVersion === undefined) {
            table.put({ resource: resources[kind] }, value);
          }
        }
        break;
      case "absent":
        // Plugins may be in use without their definitions in the cluster.
        if (!isPolicyKind(kind)) absent.push(kind);
        break;
      case "forbidden":
        if (!isPolicyKind(kind)) forbidden.push({ kind, message: answer.message });
    }
  }
  const { applied, diagnostics } = table.drain();
  return { objects: applied, diagnostics, raw, absent, forbidden };
}

/** See {@link listCluster}. */
export interface ListOptions {
  readonly client: KubeClient;
  readonly kinds: readonly Kind[];
  /** Kinds the controller does not read, of which there are raw values only. */
  readonly others?: readonly OtherKind[];
  /** Kinds that plugins add; none when not given. */
  readonly policyKinds?: PolicyKinds;
  /** All namespaces when not given. */
  readonly namespace?: string;
  readonly signal: AbortSignal;
  /** How long each answer may take; half a minute when not given. */
  readonly timeoutMs?: number;
}

/** A kind of another API: `IngressRoute`, `contour.heptio.com/v1beta1`, `ingressroutes`. */
export interface OtherKind {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
}

/** What a cluster holds. */
export interface ClusterListing {
  /** What can be understood. */
  readonly objects: readonly KubeObject[];
  /** What is wrong with the others, by object. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every object as it came. Items of a list do not say themselves what they are. */
  readonly raw: readonly RawItem[];
  /** Kinds that the server does not serve. */
  readonly absent: readonly string[];
  /** Kinds that we may not list. */
  readonly forbidden: readonly NotListed[];
}

/** An object as it came. */
export interface RawItem {
  readonly kind: string;
  /** Of {@link OtherKind} alone. */
  readonly apiVersion?: string;
  readonly value: unknown;
}

/** A kind we have no right to list, and the words of the server. */
export interface NotListed {
  readonly kind: string;
  readonly message: string;
}

interface Question {
  readonly kind: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly apiVersion?: string;
}

type Answer =
  | { readonly kind: "listed"; readonly items: readonly unknown[] }
  | { readonly kind: "absent" }
  | { readonly kind: "forbidden"; readonly message: string };

async function ask(
  client: KubeClient,
  question: Question,
  options: Pick<ListOptions, "signal" | "timeoutMs">,
): Promise<Answer> {
  try {
    return { kind: "listed", items: await pages(client, question, options) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return { kind: "absent" };
    if (error.status === 403) return { kind: "forbidden", message: error.message };
    throw error;
  }
}

async function pages(
  client: KubeClient,
  { path, query }: Question,
  { signal, timeoutMs }: Pick<ListOptions, "signal" | "timeoutMs">,
): Promise<readonly unknown[]> {
  let items: unknown[] = [];
  let limit: Readonly<Record<string, string>> = { limit: "500" };
  for (let next = "";;) {
    try {
      const page = await client.request({
        method: "GET",
        path,
        query: { ...query, ...limit, ...(next === "" ? {} : { continue: next }) },
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }, signal) as ListPage;
      items.push(...page.items ?? []);
      next = page.metadata?.continue ?? "";
      if (next === "") return items;
    } catch (error) {
      // The server has forgotten the moment of the first page: all at once then.
      if (!(error instanceof ApiError) || error.status !== 410 || next === "") throw error;
      [items, limit, next] = [[], {}, ""];
    }
  }
}

interface ListPage {
  readonly items?: readonly unknown[] | null;
  readonly metadata?: { readonly continue?: string };
}

function selectorOf(fieldSelector: string | undefined): Readonly<Record<string, string>> {
  return fieldSelector === undefined ? {} : { fieldSelector };
}

function isOurs(kind: string): kind is Kind {
  return Object.hasOwn(resources, kind);
}
