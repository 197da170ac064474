import type { RedisAccess, RedisAddress, RedisNode } from "./connect.ts";

/**
 * Where a URL says that Redis is. Throws a `RangeError` that says what is wrong with it.
 *
 * - `redis://[user:password@]host:port[/db]`, `rediss://…` with TLS, `host:port`
 * - `unix:///path` or `/path`
 * - `redis+sentinel://[user:password@]host1:port,host2:port/master[/db]`
 * - `redis+cluster://[user:password@]host1:port,host2:port`
 */
export function parseRedisUrl(text: string): RedisUrl {
  if (text.startsWith("/")) return { address: { kind: "socket", path: text }, hasTls: false };
  const url = text.includes("://") ? text : `redis://${text}`;
  const [, scheme = "", userinfo, hosts = "", path = ""] = urlPattern.exec(url) ?? [];
  const mode = modes[scheme.replace("valkey", "redis").replace(/^rediss/, "redis")];
  if (mode === undefined) {
    throw new RangeError(
      `"${hidden(text)}" is no URL of Redis: it begins with redis://, rediss://, ` +
        "redis+sentinel://, redis+cluster:// or unix://",
    );
  }
  const access = accessOf(userinfo);
  const hasTls = /^(?:redis|valkey)s/.test(scheme);
  if (mode === "socket") return { address: { kind: "socket", path }, hasTls: false, ...access };
  const nodes = hosts.split(",").map((host) => nodeOf(host, mode === "sentinel" ? 26_379 : 6_379));
  const parts = path.split("/").filter((part) => part !== "");
  switch (mode) {
    case "single": {
      const [node] = nodes;
      if (node === undefined || nodes.length > 1) {
        throw new RangeError(
          "Several hosts are a cluster or sentinels: redis+cluster://, redis+sentinel://",
        );
      }
      return { address: { kind: "single", ...node }, hasTls, ...access, ...dbOf(parts[0]) };
    }
    case "sentinel": {
      const [master, db] = parts;
      if (master === undefined) {
        throw new RangeError("Behind the sentinels stands the name of the master");
      }
      return { address: { kind: "sentinel", master, nodes }, hasTls, ...access, ...dbOf(db) };
    }
    case "cluster":
      if (parts.length > 0) throw new RangeError("A cluster has one database, without a number");
      return { address: { kind: "cluster", nodes }, hasTls, ...access };
  }
}

/** See {@link parseRedisUrl}. */
export interface RedisUrl extends Omit<RedisAccess, "tls"> {
  readonly address: RedisAddress;
  readonly hasTls: boolean;
}

const urlPattern = /^([a-z+]+):\/\/(?:([^@/]*)@)?([^/]*)(\/.*)?$/;

const modes: Readonly<Record<string, "single" | "sentinel" | "cluster" | "socket">> = {
  redis: "single",
  "redis+sentinel": "sentinel",
  "redis+cluster": "cluster",
  unix: "socket",
};

function accessOf(userinfo: string | undefined): Omit<RedisAccess, "tls"> {
  if (userinfo === undefined || userinfo === "") return {};
  const colon = userinfo.indexOf(":");
  if (colon < 0) return { password: decodeURIComponent(userinfo) };
  const username = decodeURIComponent(userinfo.slice(0, colon));
  const password = decodeURIComponent(userinfo.slice(colon + 1));
  return { ...(username === "" ? {} : { username }), password };
}

function nodeOf(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new RangeError(`"${text}" is no host with a port`);
  }
  return { host, port: number };
}

function dbOf(text: string | undefined): { readonly db?: number } {
  if (text === undefined) return {};
  if (!/^\d{1,4}$/.test(text)) throw new RangeError(`"${text}" is no number of a database`);
  return { db: Number(text) };
}

/** Without what may be a password. */
function hidden(text: string): string {
  return text.replace(/\/\/[^@/]*@/, "//…@");
}
