/** Objects in, Envoy resources and statuses out: the whole pure core as one incremental function. */
export { type ColdOptions, type ColdTranslation, translateCold } from "./cold.ts";
export { families, type FamilyValues, sources, standing } from "./families.ts";
export { Notices } from "./notices.ts";
export { noticed } from "./policy_statuses.ts";
export { statuses } from "./statuses.ts";
export { Translation, type TranslationDelta, type TranslationOptions } from "./translation.ts";
