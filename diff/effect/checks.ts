import {
  globalServices,
  type JwtProvider,
  keyServerCluster,
  type Route,
  type VirtualHost,
} from "../../controller/graph/mod.ts";
import type { Db } from "../../controller/query/mod.ts";
import { aspect, type AspectEntry } from "./aspect.ts";
import { digest } from "./digest.ts";
import { extensionText } from "./extension.ts";

/** Who may send the request. Client certificates are a matter of the connection. */
export function checkAspects(
  db: Db,
  host: VirtualHost,
  route: Route,
  { tls }: { readonly tls: boolean },
): readonly AspectEntry[] {
  const filter = route.ipFilter ?? host.policies?.ipFilter;
  const secure = tls && host.secure?.kind === "http" ? host.secure : undefined;
  const server = tls ? secure?.authorization : globalServices(db, "all").authorization;
  const { authorization } = route;
  const provider = secure?.jwtProviders?.find(({ name }) => name === route.jwtProvider);
  const ranges = filter?.ranges.map(({ source, address, prefixLength }) =>
    `${address}/${prefixLength} (${source})`
  );
  const context = authorization?.kind === "context" ? authorization.entries : {};
  const told = Object.entries(context).map(([name, value]) => `${name}=${value}`).join(", ");
  const asked = server === undefined ? undefined : extensionText(db, server.extension);
  return [
    ...(filter === undefined ? [] : [
      aspect(
        "addresses",
        filter,
        `${filter.action === "allow" ? "only from" : "not from"} ${ranges?.join(", ")}`,
      ),
    ]),
    ...(asked === undefined || authorization?.kind === "disabled" ? [] : [
      aspect(
        "authorization",
        [server, asked.value, context],
        `by ${asked.text}${told === "" ? "" : ` with ${told}`}`,
      ),
    ]),
    ...(provider === undefined
      ? []
      : [aspect("token", hashed(db, provider), providerText(provider))]),
  ];
}

function hashed(db: Db, provider: JwtProvider): unknown {
  const { keys } = provider;
  if (keys.kind === "local") {
    return { ...provider, keys: { kind: keys.kind, jwks: digest(keys.jwks) } };
  }
  const bundle = keyServerCluster(db, keys.server)?.caBundle;
  return [provider, bundle === undefined ? "" : digest(bundle)];
}

function providerText({ name, issuer, audiences, keys }: JwtProvider): string {
  const from = keys.kind === "local" ? `keys sha256:${digest(keys.jwks)}` : `keys from ${keys.uri}`;
  const who = issuer === "" ? "" : ` of ${issuer}`;
  const whom = audiences.length === 0 ? "" : ` for ${audiences.join(", ")}`;
  return `${name}${who}${whom}, ${from}`;
}
