import type { Rule } from "./rule.ts";
import { certificateExpires } from "./rules/certificate_expires.ts";
import { certificateNames } from "./rules/certificate_names.ts";
import { contradictoryTimeouts } from "./rules/contradictory_timeouts.ts";
import { deadInclude } from "./rules/dead_include.ts";
import { deprecated } from "./rules/deprecated.ts";
import { exactAsPrefix } from "./rules/exact_as_prefix.ts";
import { externalName } from "./rules/external_name.ts";
import { hostWithoutTls } from "./rules/host_without_tls.ts";
import { impossibleCondition } from "./rules/impossible_condition.ts";
import { nestedRepetition } from "./rules/nested_repetition.ts";
import { regexSize } from "./rules/regex_size.ts";
import { replacedRoute } from "./rules/replaced_route.ts";
import { servicePorts } from "./rules/service_ports.ts";
import { shadowedRoute } from "./rules/shadowed_route.ts";
import { unusedDelegation } from "./rules/unused_delegation.ts";
import { zeroWeight } from "./rules/zero_weight.ts";

/** Every rule, by code. A new one is a file in `rules/` and a line here. */
export const rules: readonly Rule[] = [
  certificateExpires,
  shadowedRoute,
  replacedRoute,
  deadInclude,
  impossibleCondition,
  hostWithoutTls,
  zeroWeight,
  certificateNames,
  servicePorts,
  externalName,
  nestedRepetition,
  regexSize,
  deprecated,
  unusedDelegation,
  contradictoryTimeouts,
  exactAsPrefix,
];
