import { loadAll } from "js-yaml";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { nearest } from "../api/mod.ts";

/**
 * How to reach a cluster and who to be there: the chosen or the current context of these files, which
 * are merged as kubectl merges those of `KUBECONFIG`: of two entries with one name the first counts.
 * Throws an `Error` that names the file, or what is missing.
 * See https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export function accessOf(
  files: readonly KubeconfigFile[],
  choice: AccessChoice = {},
): ClusterAccess {
  const configs = files.map((file) => ({ file, config: parse(file) }));
  const where = files.map(({ path }) => `"${path}"`).join(", ");
  const contextName = choice.context ??
    configs.map(({ config }) => config["current-context"]).find(Boolean);
  const find = <Key extends "contexts" | "clusters" | "users">(key: Key, name: string) => {
    for (const { file, config } of configs) {
      const entries: readonly (typeof config)[Key][number][] = config[key];
      const entry = entries.find((entry) => entry.name === name);
      if (entry !== undefined) return { entry, folder: dirname(resolve(file.path)) };
    }
    const kind = key.slice(0, -1);
    const names = configs.flatMap(({ config }) => config[key].map(({ name }) => name));
    const near = nearest(name, names);
    const meant = near === undefined ? "" : `, did you mean "${near}"?`;
    throw new Error(`Cannot use kubeconfig ${where}: ${kind} "${name}" is not there${meant}`);
  };
  // Whoever names both its parts needs no context.
  const context = contextName ? find("contexts", contextName).entry.context : undefined;
  const clusterName = choice.cluster ?? context?.cluster;
  const userName = choice.user ?? context?.user;
  if (clusterName === undefined) {
    throw new Error(`Cannot use kubeconfig ${where}: there is no current-context`);
  }
  const { entry: { cluster }, folder: clusterFolder } = find("clusters", clusterName);
  const user = userName ? find("users", userName) : undefined;
  try {
    return {
      ...serverOf(cluster, clusterFolder),
      identity: user ? identityOf(user.entry.user, user.folder) : { kind: "nobody" },
      headers: {
        ...(user ? impersonation(user.entry.user) : {}),
        ...(choice.as === undefined ? {} : { "impersonate-user": choice.as }),
      },
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const chosen = contextName ? `context "${contextName}"` : `cluster "${clusterName}"`;
    throw new Error(`Cannot use ${chosen} of kubeconfig ${where}: ${reason}`, { cause });
  }
}

/**
 * What there is to choose from in these files, by name, each once. Throws an `Error` that names the file
 * that cannot be read.
 */
export function kubeconfigNames(files: readonly KubeconfigFile[]): KubeconfigNames {
  const configs = files.map(parse);
  const names = (key: "contexts" | "clusters" | "users") => [
    ...new Set(configs.flatMap((config) => config[key].map(({ name }) => name))),
  ];
  const current = configs.map((config) => config["current-context"]).find(Boolean);
  return {
    contexts: names("contexts"),
    clusters: names("clusters"),
    users: names("users"),
    ...(current ? { currentContext: current } : {}),
  };
}

/** See {@link kubeconfigNames}. */
export interface KubeconfigNames {
  readonly contexts: readonly string[];
  readonly clusters: readonly string[];
  readonly users: readonly string[];
  readonly currentContext?: string;
}

/** What is chosen among that which stands in a kubeconfig; kubectl has flags of these names. */
export interface AccessChoice {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  /** Whom to act for. */
  readonly as?: string;
}

/** A file that was read. */
export interface KubeconfigFile {
  readonly path: string;
  readonly text: string;
}

/** What a client of one cluster has to know. */
export interface ClusterAccess {
  /** `https://10.0.0.1:6443`, without a slash at the end. */
  readonly server: string;
  /** Certificates to trust; those of the system when there are none. */
  readonly authority?: Material;
  readonly proxy?: string;
  readonly identity: Identity;
  /** Sent with every request: whom to act for. */
  readonly headers: Readonly<Record<string, string>>;
}

/** PEM, or a file that holds it and may be written anew. */
export type Material =
  | { readonly kind: "pem"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

/** How to prove who we are. */
export type Identity =
  | { readonly kind: "nobody" }
  | { readonly kind: "token"; readonly token: string }
  /** Read again when it changes, as a projected ServiceAccount token does. */
  | { readonly kind: "tokenFile"; readonly path: string }
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "certificate"; readonly certificate: Material; readonly key: Material }
  | { readonly kind: "exec"; readonly plugin: ExecPlugin };

/**
 * A command that prints credentials.
 * See https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export interface ExecPlugin {
  readonly apiVersion: string;
  /** A path, or the name of a command on the PATH. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly provideClusterInfo: boolean;
  readonly installHint: string;
}

const text = z.string().nullish();
const Cluster = z.object({
  server: text,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": z.boolean().nullish(),
  "tls-server-name": text,
  "proxy-url": text,
});
const User = z.object({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  as: text,
  "as-uid": text,
  "as-groups": z.array(z.string()).nullish(),
  "auth-provider": z.object({ name: text }).nullish(),
  exec: z.object({
    apiVersion: z.string(),
    command: z.string(),
    args: z.array(z.string()).nullish(),
    env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    provideClusterInfo: z.boolean().nullish(),
    installHint: text,
  }).nullish(),
});
const entries = <Name extends string, Schema extends z.ZodType>(name: Name, schema: Schema) =>
  z.array(
    z.object({ name: z.string(), [name]: schema } as { name: z.ZodString } & Record<Name, Schema>),
  )
    .nullish().transform((value) => value ?? []);
const Kubeconfig = z.object({
  "current-context": text,
  contexts: entries("context", z.object({ cluster: z.string(), user: text, namespace: text })),
  clusters: entries("cluster", Cluster),
  users: entries("user", User.nullish().transform((user) => user ?? {})),
});

function parse({ path, text }: KubeconfigFile): z.infer<typeof Kubeconfig> {
  let value: unknown;
  try {
    value = loadAll(text)[0] ?? {};
  } catch (cause) {
    // The message would quote the line, which may hold a token.
    throw new Error(`Cannot read kubeconfig "${path}": it is not YAML`, { cause });
  }
  const result = Kubeconfig.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue?.path.join(".") ?? "";
  throw new Error(
    `Cannot read kubeconfig "${path}": ${at}: ${issue?.message ?? "it is malformed"}`,
  );
}

function serverOf(cluster: z.infer<typeof Cluster>, folder: string) {
  const server = cluster.server?.replace(/\/+$/, "");
  if (!server || !URL.canParse(server)) throw new Error(`server "${server ?? ""}" is no URL`);
  if (cluster["insecure-skip-tls-verify"]) {
    throw new Error(
      "insecure-skip-tls-verify is not supported, give the certificate-authority of the server",
    );
  }
  if (cluster["tls-server-name"]) {
    throw new Error("tls-server-name is not supported, give a server whose certificate names it");
  }
  const authority = material(cluster, "certificate-authority", folder);
  const proxy = cluster["proxy-url"];
  return { server, ...(authority ? { authority } : {}), ...(proxy ? { proxy } : {}) };
}

function identityOf(user: z.infer<typeof User>, folder: string): Identity {
  if (user["auth-provider"]) {
    const { name } = user["auth-provider"];
    throw new Error(`auth-provider "${name ?? ""}" is not supported, use an exec plugin`);
  }
  if (user.exec) {
    const { apiVersion, command, args, env, provideClusterInfo, installHint } = user.exec;
    return {
      kind: "exec",
      plugin: {
        apiVersion,
        command: command.includes("/") ? resolve(folder, command) : command,
        args: args ?? [],
        env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
        provideClusterInfo: provideClusterInfo ?? false,
        installHint: installHint ?? "",
      },
    };
  }
  const certificate = material(user, "client-certificate", folder);
  const key = material(user, "client-key", folder);
  if (certificate && key) return { kind: "certificate", certificate, key };
  if (certificate || key) throw new Error("client-certificate and client-key belong together");
  if (user.tokenFile) return { kind: "tokenFile", path: resolve(folder, user.tokenFile) };
  if (user.token) return { kind: "token", token: user.token };
  if (user.username) {
    return { kind: "password", username: user.username, password: user.password ?? "" };
  }
  return { kind: "nobody" };
}

function impersonation(user: z.infer<typeof User>): Record<string, string> {
  const groups = user["as-groups"] ?? [];
  if (groups.length > 1) throw new Error("more than one group in as-groups is not supported");
  return {
    ...(user.as ? { "impersonate-user": user.as } : {}),
    ...(user["as-uid"] ? { "impersonate-uid": user["as-uid"] } : {}),
    ...(groups[0] ? { "impersonate-group": groups[0] } : {}),
  };
}

/** Data wins over a file, as in kubectl. */
function material<Name extends string>(
  values: Partial<Record<Name | `${Name}-data`, unknown>>,
  name: Name,
  folder: string,
): Material | undefined {
  const data = values[`${name}-data`];
  if (typeof data === "string" && data !== "") {
    try {
      return { kind: "pem", text: atob(data) };
    } catch (cause) {
      throw new Error(`${name}-data is not base64`, { cause });
    }
  }
  const path = values[name];
  if (typeof path !== "string" || path === "") return undefined;
  return { kind: "file", path: resolve(folder, path) };
}
