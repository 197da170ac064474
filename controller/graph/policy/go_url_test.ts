import assert from "node:assert/strict";
import { goUrlProblem } from "./go_url.ts";

const problems = {
  "https://a.test/keys?a=%zz#%zz": undefined,
  "a.test/keys": undefined,
  "https:": undefined,
  "https://[::1]:8443/k": undefined,
  "": undefined,
  ":": "missing protocol scheme",
  "%": 'invalid URL escape "%"',
  "https://a.test/%zz": 'invalid URL escape "%zz"',
  "http://[::1": "missing ']' in host",
  "https://a.test:port/k": 'invalid port ":port" after host',
  "https://a b.test/": 'invalid character " " in host name',
  "1a:b/c": "first path segment in URL cannot contain colon",
  "https://a.test/\n": "net/url: invalid control character in URL",
  "https://a b@c.test/": "net/url: invalid userinfo",
};

for (const [text, problem] of Object.entries(problems)) {
  Deno.test(`what Go says of the URL ${JSON.stringify(text)}`, () => {
    const expected = problem === undefined
      ? undefined
      : `parse ${JSON.stringify(text)}: ${problem}`;
    assert.equal(goUrlProblem(text), expected);
  });
}
