import type { Contribution } from "../contribution.ts";
import type { RouteDraft } from "../output.ts";
import { regexProblem } from "../../controller/graph/mod.ts";
import { isHeaderValue, isToken } from "../valid_values.ts";
import type { NginxContext } from "./context.ts";
import { snippet } from "./snippet.ts";

/** Headers, other host names and cross-origin requests. */
export function headers(context: NginxContext): Contribution {
  const { annotations, config } = context;
  const host = annotations.text("upstream-vhost");
  const isUnusable = host.includes("$") || (host !== "" && !isHeaderValue(host));
  if (isUnusable) {
    annotations.note("upstream-vhost", {
      verdict: "lost",
      message: host.includes("$")
        ? "variables of nginx cannot be used"
        : "it is no value of a Host header: set the one you mean in requestHeadersPolicy",
    });
  }
  const aliases = annotations.list("server-alias");
  const names = aliases.map((name) => name.toLowerCase()).filter((name) => hostName.test(name));
  if (names.length < aliases.length) {
    annotations.note("server-alias", {
      verdict: "lost",
      message:
        "regular expressions and the like are no host names of an HTTPProxy; the others are kept",
    });
  }
  const custom = customHeaders(context);
  const written = snippet(annotations, {
    openUnprotected: context.workshop.options.openUnprotected === true,
  });
  const set = [
    ...(host === "" || isUnusable ? [] : [{ name: "Host", value: host }]),
    ...written.request.set,
  ];
  const request = policy(set, written.request.remove);
  const response = policy([...custom, ...written.response.set], written.response.remove);
  return {
    ...(written.answer === undefined ? {} : { answer: written.answer }),
    route: {
      ...(request === undefined ? {} : { requestHeadersPolicy: request }),
      ...(response === undefined ? {} : { responseHeadersPolicy: response }),
    },
    host: {
      ...(names.length === 0 ? {} : { aliases: [...new Set(names)].sort() }),
      ...cors(annotations),
    },
    settings: config.hsts === undefined ? {} : { hsts: config.hsts },
  };
}

const hostName = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function policy(
  set: { name: string; value: string }[],
  remove: string[],
): RouteDraft["requestHeadersPolicy"] {
  if (set.length + remove.length === 0) return undefined;
  return {
    ...(set.length === 0 ? {} : { set }),
    ...(remove.length === 0 ? {} : { remove }),
  };
}

function customHeaders(
  { annotations, workshop }: NginxContext,
): { name: string; value: string }[] {
  const reference = annotations.text("custom-headers");
  if (reference === "") return [];
  const { namespace } = annotations.ingress;
  const id = reference.includes("/") ? reference : `${namespace}/${reference}`;
  const map = workshop.sources.configMaps.get(id);
  if (map === undefined) {
    annotations.note("custom-headers", {
      verdict: "lost",
      message: `ConfigMap "${id}" is not among the files: give it too`,
      place: { within: "routes", field: "responseHeadersPolicy" },
    });
    return [];
  }
  return Object.entries(map.data).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, value]) => ({ name, value: value.replaceAll("%", "%%") }));
}

function cors(annotations: NginxContext["annotations"]): NonNullable<Contribution["host"]> {
  const dependent = [
    "cors-allow-origin",
    "cors-allow-methods",
    "cors-allow-headers",
    "cors-expose-headers",
    "cors-allow-credentials",
    "cors-max-age",
  ];
  if (!annotations.flag("enable-cors", false)) {
    annotations.note("enable-cors", { verdict: "kept" });
    for (const name of dependent) {
      annotations.note(name, { verdict: "kept", message: "has no effect without enable-cors" });
    }
    return {};
  }
  const given = annotations.list("cors-allow-origin");
  const noteNotTaken = (name: string, items: readonly string[]) =>
    annotations.note(name, {
      verdict: "lost",
      message: `${
        items.map((item) => JSON.stringify(item)).join(", ")
      }: nothing that a CORS policy ` +
        "may hold; the others are kept",
    });
  const isOrigin = (text: string) => text === "*" || originProblem(originOf(text)) === undefined;
  const refused = given.filter((text) => !isOrigin(text));
  if (refused.length > 0) noteNotTaken("cors-allow-origin", refused);
  // Where no origin is left, all are kept out: a policy has to name one.
  const left = given.filter(isOrigin);
  const origins = given.length === 0 ? ["*"] : left.length > 0 ? left : [nobody];
  const isAll = origins.includes("*");
  const credentials = annotations.flag("cors-allow-credentials", true);
  if (!(isAll && credentials)) annotations.note("cors-allow-credentials", { verdict: "kept" });
  const list = (name: string, otherwise: string) => {
    const given = annotations.list(name);
    const items = given.filter(isToken);
    if (items.length < given.length) noteNotTaken(name, given.filter((item) => !isToken(item)));
    return items.length === 0 ? otherwise === "" ? [] : otherwise.split(",") : items;
  };
  const exposed = list("cors-expose-headers", "");
  return {
    cors: {
      allowOrigin: isAll ? ["*"] : origins.map(originOf),
      allowMethods: list("cors-allow-methods", "GET,PUT,POST,DELETE,PATCH,OPTIONS"),
      allowHeaders: list(
        "cors-allow-headers",
        "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization",
      ),
      ...(exposed.length === 0 ? {} : { exposeHeaders: exposed }),
      ...(credentials && !isAll ? { allowCredentials: true } : {}),
      maxAge: `${annotations.number("cors-max-age", 1_728_000)}s`,
    },
  };
}

/** `https://*.example.com` is for one label more. */
function originOf(origin: string): string {
  if (!origin.includes("*")) return origin;
  return origin.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace("*", "[^.]+");
}

/** No page can have this origin. */
const nobody = "https://none.invalid";

/** What is neither an origin nor a regular expression cannot stand in a policy. */
function originProblem(text: string): string | undefined {
  return /^https?:\/\/[^/\s]+$/.test(text) && URL.canParse(text) ? undefined : regexProblem(text);
}
