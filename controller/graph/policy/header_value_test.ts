import assert from "node:assert/strict";
import { escapeHeaderValue } from "./header_value.ts";

const variables = { CONTOUR_NAMESPACE: "default" };

Deno.test("only the variables of the API are live in header values", () => {
  const cases = {
    "plain": "plain",
    "100%": "100%%",
    "%CONTOUR_NAMESPACE%-x": "default-x",
    "%HOSTNAME%": "%HOSTNAME%",
    "%REQ(x-foo?x-bar):10%": "%REQ(x-foo?x-bar):10%",
    "%REQ(:authority)%": "%REQ(:authority)%",
    "%REQ(x-foo):99999999999999999999%": "%%REQ(x-foo):99999999999999999999%%",
    "%UNKNOWN%": "%%UNKNOWN%%",
    "%START_TIME%": "%%START_TIME%%",
    "%CONTOUR_SERVICE_NAME%": "%%CONTOUR_SERVICE_NAME%%",
    "50% of %PROTOCOL%": "50%% of %PROTOCOL%",
  };
  for (const [value, expected] of Object.entries(cases)) {
    assert.equal(escapeHeaderValue(value, variables), expected);
  }
});
