/** The objects we hold, indexed by what others look up. */
export { indexes, type IndexName, ingressHost, ingressHosts } from "./indexes.ts";
export {
  bucket,
  bucketInput,
  object,
  objectInput,
  type Refusal,
  refusalInput,
  settingsInput,
} from "./inputs.ts";
export { defaultSettings, setting, type Settings } from "./settings.ts";
export { significant } from "./significant.ts";
export { type Batch, type Sources, Store } from "./store.ts";
