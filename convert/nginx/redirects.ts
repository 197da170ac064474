import type { Contribution } from "../contribution.ts";
import type { RouteDraft } from "../output.ts";
import type { RedirectCode } from "../settings.ts";
import { isHostName } from "../valid_values.ts";
import type { NginxContext } from "./context.ts";

/** Redirects, and the paths they need. */
export function redirects({ annotations, config }: NginxContext): Contribution {
  const redirect = explicitRedirect(annotations);
  const force = annotations.flag("force-ssl-redirect", false);
  const ssl = annotations.flag("ssl-redirect", true) || force;
  annotations.note("ssl-redirect", ssl ? {} : { verdict: "kept" });
  annotations.note("force-ssl-redirect", force ? {} : { verdict: "kept" });
  const www = annotations.flag("from-to-www-redirect", false);
  const place = (
    origin: string,
  ) => ({ within: "routes", field: "requestRedirectPolicy", origin } as const);
  annotations.note("from-to-www-redirect", {
    ...(www ? {} : { verdict: "kept" }),
    place: place("from-to-www-redirect"),
  });
  for (const name of ["relative-redirects", "use-port-in-redirects"]) {
    if (!annotations.flag(name, false)) annotations.note(name, { verdict: "kept" });
  }
  for (const name of ["proxy-redirect-from", "proxy-redirect-to"]) {
    if (annotations.text(name) === "off") annotations.note(name, { verdict: "kept" });
  }
  const appRoot = annotations.text("app-root");
  if (appRoot.startsWith("/")) annotations.note("app-root", { place: place("app-root") });
  else if (appRoot !== "") {
    annotations.bad("app-root", `"${appRoot}" is no absolute path, nginx ignores it, too`);
  }
  return {
    ...(redirect === undefined ? {} : { answer: { requestRedirectPolicy: redirect } }),
    host: {
      ...(appRoot.startsWith("/") ? { appRoot } : {}),
      ...(www ? { fromToWww: config.redirectCode } : {}),
    },
    settings: {
      plain: ssl ? "redirect" : "serve",
      ...(force ? { forceHttps: config.redirectCode } : {}),
    },
  };
}

/** The temporal one wins. */
function explicitRedirect(
  annotations: NginxContext["annotations"],
): RouteDraft["requestRedirectPolicy"] {
  for (const [kind, otherwise] of [["temporal", 302], ["permanent", 301]] as const) {
    const name = `${kind}-redirect`;
    const text = annotations.text(name);
    if (text === "") continue;
    const target = targetOf(text);
    if (target === undefined) {
      annotations.note(name, {
        verdict: "lost",
        message:
          `"${text}" is no http or https URL of a host name without variables, which is all an HTTPProxy can ` +
          "redirect to",
      });
      continue;
    }
    const code = annotations.number(`${name}-code`, otherwise);
    const statusCode = redirectCodes.find((each) => each === code);
    if (statusCode === undefined) {
      annotations.bad(
        `${name}-code`,
        `${code} is no status for a redirect here: ${otherwise} is used`,
      );
    }
    return { ...target, statusCode: statusCode ?? otherwise };
  }
  return undefined;
}

const redirectCodes: readonly RedirectCode[] = [301, 302, 303, 307, 308];

function targetOf(
  text: string,
): Partial<NonNullable<RouteDraft["requestRedirectPolicy"]>> | undefined {
  if (text.includes("$") || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, search } = new URL(text);
  if ((protocol !== "http:" && protocol !== "https:") || !isHostName(hostname)) return undefined;
  return {
    scheme: protocol === "http:" ? "http" : "https",
    hostname,
    ...(port === "" ? {} : { port: Number(port) }),
    path: `${pathname}${search}`,
  };
}
