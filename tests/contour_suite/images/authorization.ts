/**
 * An authorization server that lets through whatever has `allow` in its path, and tells the backend
 * the context it was asked with: `Auth-Context-<key>: <value>`. Everything else is answered with 401.
 */
import { decode, encode, isMessage, type Message } from "../../../proto/mod.ts";
import { serveGrpc } from "./grpc_server.ts";
import type { OwnImage } from "./mod.ts";

/** See above; `--address`, `--tls-cert-path` and `--tls-key-path` say where and how it listens. */
export const serveAuthorization: OwnImage = async ({ address, args, read }) => {
  const flag = (name: string) =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const certificate = flag("tls-cert-path");
  return serveGrpc({
    address,
    port: Number(flag("address")?.replace(/^.*:/, "") ?? 9443),
    path: "/envoy.service.auth.v3.Authorization/Check",
    answer: (body) =>
      encode(
        "envoy.service.auth.v3.CheckResponse",
        answer(decode("envoy.service.auth.v3.CheckRequest", body)),
      ),
    ...(certificate === undefined ? {} : {
      tls: {
        certificate: await read(certificate),
        privateKey: await read(flag("tls-key-path") ?? ""),
      },
    }),
  });
};

function answer(request: Message): Message {
  const attributes = part(request, "attributes");
  const path = part(part(attributes, "request"), "http")["path"];
  const told = [{ key: "Auth-Handler", value: "testserver" }].concat(
    Object.entries(part(attributes, "contextExtensions"))
      .map(([key, value]) => ({ key: `Auth-Context-${key}`, value: String(value) })),
  ).map((header) => ({ header }));
  return String(path).includes("allow")
    ? { status: { code: 0 }, okResponse: { headers: told } }
    : { status: { code: 16 }, deniedResponse: { status: { code: 401 }, headers: told } };
}

function part(message: Message, field: string): Message {
  const value = message[field];
  return isMessage(value) ? value : {};
}
