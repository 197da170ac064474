/**
 * The Envoy beside the controller: its bootstrap file, its binary, its process, its end.
 * @module
 */
export { type Address, formatAddress, parseAddress } from "./address.ts";
export { type AdminAnswer, adminGet, adminPost, waitUntilReady } from "./admin.ts";
export {
  bootstrap,
  bootstrapFiles,
  bootstrapJson,
  type BootstrapOptions,
  bootstrapType,
} from "./bootstrap.ts";
export { connectionsIn, drainEnvoy, type DrainEvent, type DrainOptions } from "./drain.ts";
export { envoyBinary, type EnvoyBinaryOptions, envoyVersion } from "./envoy_binary.ts";
export {
  envoyCommand,
  type EnvoyEvent,
  type EnvoyProcess,
  envoyProcess,
  type EnvoyProcessOptions,
} from "./envoy_process.ts";
export {
  serveShutdownManager,
  type ShutdownManager,
  type ShutdownManagerOptions,
} from "./shutdown_manager.ts";
export type { XdsTls } from "./xds_tls.ts";
