import assert from "node:assert/strict";
import { formatted, headerValue, parseValue } from "./header_value.ts";
import { variables } from "./variables.ts";

const format = (text: string) => formatted(parseValue(text, "shop"));

Deno.test("variables stay live, every other percent sign is text", () => {
  const table = {
    "100%": "100%%",
    "a % b %c%": "a %% b %%c%%",
    "%HOSTNAME%": "%HOSTNAME%",
    "%%HOSTNAME%%": "%%%HOSTNAME%%%",
    "50%%": "50%%%%",
    "%REQ(x-a?x-b):3%!": "%REQ(x-a?x-b):3%!",
    "%CONTOUR_NAMESPACE%": "shop",
    "%JWT(realm:role)%": "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload:realm:role)%",
    "": "",
  };
  for (const [text, expected] of Object.entries(table)) assert.equal(format(text), expected, text);
});

Deno.test("what Envoy would refuse, or cannot be sent, is refused", () => {
  const problems = (text: string) =>
    headerValue("request").safeParse(text).error?.issues.map(({ message }) => message);
  const table: Readonly<Record<string, string>> = {
    "a\nb": "must not contain line breaks",
    "a\0b": "must not contain control characters",
    "a\x7fb": "must not contain control characters",
    " a": "must not begin or end with blanks",
    "\ud800": "must be well-formed Unicode",
    "%RESP(x)%": 'has the variable "%RESP(x)%", which is known in responses only',
    "%PROTOCOL(x)%": 'has the variable "%PROTOCOL(x)%", which takes nothing in parentheses',
    "%NOSUCH%": 'has the unknown variable "%NOSUCH%"',
    "%FILE_CONTENT(/etc/passwd)%": 'has the unknown variable "%FILE_CONTENT(/etc/passwd)%"',
    ["%".repeat(8_193)]: "must be at most 16384 bytes",
    ["é".repeat(8_193)]: "must be at most 16384 bytes",
  };
  for (const [text, message] of Object.entries(table)) {
    assert.deepEqual(problems(text), [message], text.slice(0, 40));
  }
  for (const text of ["é 😀", "a\tb", "x".repeat(16_384), "%".repeat(8_192), "", "%a%"]) {
    assert.equal(problems(text), undefined, text.slice(0, 40));
  }
});

Deno.test("each variable says what is wrong with its argument", () => {
  for (const [name, { problem }] of Object.entries(variables)) {
    const told = [undefined, "", "a b", "x-a"].map((argument) => problem(argument) === undefined);
    assert.ok(told.includes(true) || name === "DYNAMIC_METADATA", name);
    assert.ok(told.includes(false), name);
  }
});
