/** A server that sends the headers its client asks for: `x-echo-header: a:1, b:2`. */
import { createServer } from "node:http";
import { listening } from "./http_server.ts";
import type { OwnImage } from "./mod.ts";

/** See above; it listens at `PORT`. A header that is asked for twice is sent once. */
export const serveHeaderEcho: OwnImage = ({ address: host, env }) => {
  const server = createServer((request, response) => {
    for (const asked of String(request.headers["x-echo-header"] ?? "").split(", ")) {
      const colon = asked.indexOf(":");
      if (colon > 0) response.setHeader(asked.slice(0, colon), asked.slice(colon + 1).trim());
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ path: request.url }));
  });
  return listening(server, { host, port: Number(env["PORT"] ?? 80) });
};
