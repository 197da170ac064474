/** Every case, in the order of what users meet first. */
import type { Case } from "../stage.ts";
import { answers } from "./answers.ts";
import { conditions } from "./conditions.ts";
import { cookies } from "./cookies.ts";
import { headers } from "./headers.ts";
import { hosts } from "./hosts.ts";
import { includes } from "./includes.ts";
import { ingresses } from "./ingress.ts";
import { internalRedirects } from "./internal_redirects.ts";
import { limits } from "./limits.ts";
import { protection } from "./protection.ts";
import { targets } from "./targets.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";
import { upstream } from "./upstream.ts";

/** All cases, by what they are about. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  hosts,
  conditions,
  includes,
  targets,
  headers,
  answers,
  cookies,
  internalRedirects,
  limits,
  protection,
  upstream,
  tls,
  tcp,
  ingresses,
};
