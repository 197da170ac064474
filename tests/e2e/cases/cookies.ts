import assert from "node:assert/strict";
import { root } from "../manifest.ts";
import type { Case } from "../stage.ts";

/** What becomes of cookies that backends set. */
export const cookies: readonly Case[] = [
  {
    name: "attributes of cookies are rewritten, by routes and by services",
    manifest: root(
      "cookies.test",
      `
      routes:
      - conditions: [{ prefix: /route }]
        services: [{ name: a, port: 80 }]
        cookieRewritePolicies:
        - name: session
          pathRewrite: { value: /new }
          domainRewrite: { value: new.test }
          secure: true
          sameSite: Strict
        - { name: open, secure: false }
      - conditions: [{ prefix: /service }]
        cookieRewritePolicies:
        - { name: session, pathRewrite: { value: /route } }
        - { name: other, pathRewrite: { value: /route } }
        services:
        - name: a
          port: 80
          cookieRewritePolicies:
          - name: session
            pathRewrite: { value: /service }
            domainRewrite: { value: service.test }
            secure: true
            sameSite: Lax
      `,
    ),
    async check({ ask }) {
      const cookie = async (path: string, set: string) => {
        const { headers } = await ask({
          host: "cookies.test",
          path,
          headers: { "x-backend-reply": `set-cookie=${set}` },
        });
        return attributes(headers["set-cookie"] ?? "");
      };
      const old = "Path=/old; Domain=old.test; HttpOnly";
      assert.deepEqual(await cookie("/route", `session=1; ${old}`), {
        value: "session=1",
        path: "/new",
        domain: "new.test",
        httponly: "",
        secure: "",
        samesite: "Strict",
      });
      assert.deepEqual(await cookie("/route", `open=1; ${old}; Secure`), {
        value: "open=1",
        path: "/old",
        domain: "old.test",
        httponly: "",
      });
      assert.deepEqual(await cookie("/route", "Session=1; Path=/old"), {
        value: "Session=1",
        path: "/old",
      });
      assert.deepEqual(await cookie("/service", `session=1; ${old}`), {
        value: "session=1",
        path: "/service",
        domain: "service.test",
        httponly: "",
        secure: "",
        samesite: "Lax",
      });
      assert.deepEqual(await cookie("/service", "other=1; Path=/old"), {
        value: "other=1",
        path: "/route",
      });
    },
  },
];

/** The attributes of a cookie by lower-case name, and its name with its value. */
function attributes(text: string): Readonly<Record<string, string>> {
  const [value = "", ...rest] = text.split(/; */);
  return {
    value,
    ...Object.fromEntries(rest.map((part) => {
      const [name = "", ...words] = part.split("=");
      return [name.toLowerCase(), words.join("=")];
    })),
  };
}
