/** What the commands take from the rest of the tree when they run, beside what commands are made with. */
export { type LogFormat, logger } from "../../../controller/admin/mod.ts";
export { keyOf, parseDuration } from "../../../controller/api/mod.ts";
export { readFiles } from "../../../controller/files/mod.ts";
