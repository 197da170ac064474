/** The images that live in this process: servers of our own, at the address of their Pod. */
import { serveAuthorization } from "./authorization.ts";
import { serveEcho } from "./echo.ts";
import { serveHeaderEcho } from "./header_echo.ts";
import { servePing } from "./ping.ts";

/** A container of a Pod that lives here. */
export interface OwnContainer {
  /** Of its Pod. */
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** A file of its volumes, by its path in the container. */
  readonly read: (path: string) => Promise<string>;
}

/** Starts the server of a container; ends it when disposed of. */
export type OwnImage = (container: OwnContainer) => Promise<AsyncDisposable>;

/** The server behind an image, by the last part of its name; undefined for what is no server of ours. */
export function ownImage(image: string): OwnImage | undefined {
  return images[image.replace(/^.*\//, "").replace(/[:@].*$/, "")];
}

const images: Readonly<Record<string, OwnImage>> = {
  "echoserver": serveEcho,
  "echo-server": serveHeaderEcho,
  "yages": servePing,
  "contour-authserver": serveAuthorization,
};
