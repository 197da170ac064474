/** Every guilty object of the tests. */
import { extremes } from "./extremes.ts";
import { headers } from "./headers.ts";
import { hosts } from "./hosts.ts";
import { ingresses } from "./ingresses.ts";
import { limits } from "./limits.ts";
import { listeners } from "./listeners.ts";
import { routes } from "./routes.ts";
import { upstreams } from "./upstreams.ts";
import type { Guilty } from "./guilty.ts";

export { type Guilty, namespace, numbered } from "./guilty.ts";

/** All of them. */
export const guilties: readonly Guilty[] = [
  ...headers,
  ...routes,
  ...hosts,
  ...limits,
  ...upstreams,
  ...listeners,
  ...ingresses,
  ...extremes,
];
