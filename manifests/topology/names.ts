/**
 * Names that several parts of the installation share. They are Contour's, so that ours takes the
 * place of what a cluster runs already.
 */
import { envoyVersion } from "../../controller/data_plane/mod.ts";
import { version } from "../../controller/version.ts";

/** Where everything is. */
export const namespace = "projectcontour";

/** The image of the controller; whoever has built and pushed it says where, with `images`. */
export const image = `contour:${version}`;

/** The image of the data plane: the Envoy we are tested with. */
export const envoyImage = `docker.io/envoyproxy/envoy:distroless-v${envoyVersion}`;

/** The user and group of every process: nobody. */
export const nobody = 65_534;

/** Folders of the containers; the binary of the image may read these, and no others. */
export const folders = {
  /** Certificates of xDS, from a Secret. */
  certificates: "/certs",
  /** The configuration of whoever mounts it: of the controller, or of Envoy. */
  configuration: "/config",
  /** Envoy's admin socket, and the file that says it is drained. */
  admin: "/admin",
} as const;

/** Ports of the controller. */
export const contourPorts = {
  xds: 8001,
  metrics: 8000,
  debug: 6060,
  /** Where Envoys ask about the limits of `RateLimit` policies. */
  rateLimits: 8003,
} as const;

/** Ports of Envoy's containers. */
export const envoyPorts = {
  http: 8080,
  https: 8443,
  metrics: 8002,
  shutdownManager: 8090,
} as const;

/** Labels by which Services and workloads find Pods. */
export const apps = {
  contour: { app: "contour" },
  envoy: { app: "envoy" },
} as const;

/** ServiceAccounts. */
export const accounts = {
  contour: "contour",
  envoy: "envoy",
  certgen: "contour-certgen",
} as const;

/** Secrets that `contour certgen` makes. */
export const secrets = { contour: "contourcert", envoy: "envoycert" } as const;

/** The lease of the replica that writes statuses. */
export const leaseName = "leader-elect";
