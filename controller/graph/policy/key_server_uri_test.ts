import assert from "node:assert/strict";
import { Fault } from "../fault.ts";
import { keyServerPortFault, keyServerUri } from "./key_server_uri.ts";

const read: Readonly<Record<string, string>> = {
  "https://issuer.example.com/keys": "https issuer.example.com 443 https://issuer.example.com/keys",
  "HTTPS://Issuer.Example.com/Keys": "https issuer.example.com 443 https://issuer.example.com/Keys",
  "http://issuer.example.com": "http issuer.example.com 80 http://issuer.example.com/",
  "https://a:8443?x=1#part": "https a 8443 https://a:8443/?x=1",
  "https://a:/x": "https a 443 https://a/x",
  "https://10.0.0.1/x": "https 10.0.0.1 443 https://10.0.0.1/x",
  "https://[fd00::1]:8443/x": "https fd00::1 8443 https://[fd00::1]:8443/x",
};

for (const [text, expected] of Object.entries(read)) {
  Deno.test(`keys at ${text}`, () => {
    const found = keyServerUri(text);
    assert.ok(!(found instanceof Fault));
    assert.equal([found.scheme, found.host, found.port, found.uri].join(" "), expected);
  });
}

const refused: Readonly<Record<string, string>> = {
  "issuer.example.com/keys": "Scheme",
  "ftp://issuer.example.com": "Scheme",
  "//issuer.example.com": "Scheme",
  "https:issuer.example.com": "URI",
  "https://": "URI",
  "https:///keys": "URI",
  "https://me@issuer.example.com": "URI",
  "https://my_issuer.example.com": "URI",
  "https://-issuer.example.com": "URI",
  "https://issuer..example.com": "URI",
  "https://issuer.example.com/a b": "URI",
  "https://issuer.example.com/\u00fc": "URI",
  "https://issuer.example.com/\r\nhost: other": "URI",
  "https://issuer.example.com:https/": "URI",
  "https://[fd00::1": "URI",
  "https://[fe80::1%25eth0]/": "URI",
  "https://issuer.example.com:0/": "Port",
  "https://issuer.example.com:65536/": "Port",
};

for (const [text, part] of Object.entries(refused)) {
  Deno.test(`no keys at ${JSON.stringify(text)}`, () => {
    const address = keyServerUri(text);
    const found = address instanceof Fault ? address : keyServerPortFault(address);
    assert.ok(found instanceof Fault);
    assert.equal(found.name, `JWTVerificationError/RemoteJWKS${part}Invalid`);
  });
}
