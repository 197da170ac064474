/** Everything that users can write is shown by a golden case and by requests, or it is said why not. */
import assert from "node:assert/strict";
import { rows } from "./rows.ts";
import { coverage, coveragePage } from "./table.ts";
import { applies, reasons } from "./unshown.ts";

const all = coverage();

Deno.test("no row of the coverage table is empty", () => {
  const empty = all.flatMap(({ part, field, golden, request, reasons }) => [
    ...(golden === undefined && reasons.golden === undefined ? [`${part} ${field}: golden`] : []),
    ...(request === undefined && reasons.request === undefined
      ? [`${part} ${field}: request`]
      : []),
  ]);
  assert.deepEqual(empty, [], "nothing shows these, and unshown.ts does not say why");
});

Deno.test("no reason is given for what is shown after all, or for what is not there", () => {
  const needless = all.flatMap(({ part, field, golden, request, reasons }) => [
    ...(golden !== undefined && reasons.golden !== undefined
      ? [`${part} ${field}: ${golden}`]
      : []),
    ...(request !== undefined && reasons.request !== undefined
      ? [`${part} ${field}: ${request}`]
      : []),
  ]);
  assert.deepEqual(needless, []);
  const unknown = reasons.flatMap((reason) =>
    reason.fields.filter((name) =>
      !rows().some(({ part, field }) => field === name && applies(reason, part, field))
    )
  );
  assert.deepEqual(unknown, []);
});

Deno.test("the committed table is that of today", async () => {
  const committed = await Deno.readTextFile(new URL("./coverage.md", import.meta.url));
  assert.ok(committed === coveragePage(), "stale: deno run -A tests/coverage/generate.ts");
});

Deno.test("the table is made of the schemas, as far down as they go", () => {
  const fields = new Set(rows().map(({ part, field }) => `${part} ${field}`));
  for (
    const field of [
      "HTTPProxy spec.routes[].services[].validation.subjectNames",
      "HTTPProxy spec.virtualhost.rateLimitPolicy.global.descriptors[].entries[].remoteAddress",
      "Ingress spec.rules[].http.paths[].backend.service.port.name",
      "Service annotation projectcontour.io/max-requests",
      "Configuration timeouts.connect-timeout",
    ]
  ) {
    assert.ok(fields.has(field), field);
  }
  assert.ok(fields.size > 400, String(fields.size));
});
