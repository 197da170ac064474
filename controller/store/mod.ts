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
export {
  type DefaultHeaders,
  defaultSettings,
  type HeaderDefaults,
  type RateLimitServiceSettings,
  type ReferencedObject,
  secretNamespaces,
  setting,
  type Settings,
  type TracingSettings,
  type TracingTag,
} from "./settings.ts";
export { significant } from "./significant.ts";
export { type Batch, type Sources, Store } from "./store.ts";
