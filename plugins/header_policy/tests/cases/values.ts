import type { Case } from "../case.ts";

/** Odd texts and live variables. */
export const values: readonly Case[] = [
  {
    name: "texts come out as they are written",
    policy: `request:
  - set: { name: x-percent, value: "100%% %a% %" }
  - set: { name: x-quotes, value: "a \\"b\\" 'c' \\\\ (d) , ;" }
  - set: { name: x-tab, value: "a\\tb" }
  - set: { name: x-empty, value: "" }
  - set: { name: x-long, value: "${"l".repeat(16_384)}" }
  - add: { name: "!#$%&'*+-.^_\`|~0", value: odd }
  - when: { methods: [GET] }
    set: { name: x-when, value: "a \\"b\\" 'c' \\\\ (d) %x% é {e} [f] $g" }
response:
  - set: { name: x-percent, value: "%" }
  - set: { name: x-empty, value: "" }
  - set: { name: x-utf-8, value: "é 😀" }
  - when: { status: ["200"] }
    set: { name: x-when, value: "é 😀 ) ? '" }`,
    asks: [{
      headers: { "x-empty": "1" },
      sees: {
        "x-percent": "100%% %a% %",
        "x-quotes": `a "b" 'c' \\ (d) , ;`,
        "x-tab": "a\tb",
        "x-empty": "",
        "x-long": "l".repeat(16_384),
        "!#$%&'*+-.^_`|~0": "odd",
        // A Service in JavaScript reads the bytes of UTF-8 one by one.
        "x-when": `a "b" 'c' \\ (d) %x% ${bytes("é")} {e} [f] $g`,
      },
      gets: {
        "x-percent": "%",
        "x-empty": "",
        "x-utf-8": "é 😀",
        "x-when": "é 😀 ) ? '",
      },
    }],
  },
  {
    name: "variables stay live",
    policy: `request:
  - set: { name: x-client, value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" }
  - set: { name: x-req, value: "%REQ(x-a?x-b):3%|%PROTOCOL%|%CONTOUR_NAMESPACE%" }
  - set: { name: x-query, value: "%QUERY_PARAM(q)%" }
  - set: { name: x-none, value: "%REQ(x-nobody)%" }
  - set: { name: x-self, value: "%REQ(x-self)%%REQ(x-b)%" }
  - set: { name: x-some, value: "a%REQ(x-none)%b" }
  - set: { name: x-claim, value: "%JWT(sub)%" }
  - set: { name: x-tls, value: "%DOWNSTREAM_TLS_VERSION%" }
  - set: { name: x-sni, value: "%REQUESTED_SERVER_NAME%" }
response:
  - set: { name: x-status, value: "%RESPONSE_CODE% %REQ(x-a)% %RESP(x-c)%" }
  - when: { status: ["2xx"] }
    set: { name: x-when, value: "%RESPONSE_CODE% (%RESP(x-c)%)" }`,
    asks: [
      {
        path: "/?q=1",
        headers: { "x-b": "12345", "x-claim": "theirs", "x-none": "theirs", "x-self": "0" },
        reply: { "x-c": "c" },
        sees: {
          "x-client": "127.0.0.1",
          "x-req": "123|HTTP/1.1|$NS",
          "x-query": "1",
          "x-none": undefined,
          "x-self": "012345",
          "x-some": "ab",
          "x-claim": undefined,
          "x-tls": undefined,
        },
        gets: { "x-status": "200  c", "x-when": "200 (c)" },
      },
      {
        tls: true,
        sees: { "x-tls": "TLSv1.3", "x-sni": "variables-stay-live.policies.test" },
        gets: { "x-status": "200" },
      },
    ],
  },
];

/** A text in UTF-8, a letter for each byte. */
function bytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
