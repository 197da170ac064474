import type { Answer } from "./client.ts";

/** A request to the quickstart, and what has to come back. */
export interface DemoRequest {
  readonly tls: boolean;
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Asks so often; once if absent. */
  readonly times?: number;
  /** What the answers show, in a few words. */
  readonly shows: string;
  /** Says what is wrong with the answers, or nothing. */
  readonly check: (answers: readonly Answer[]) => string | undefined;
}

/** What one would try first. */
export const demoRequests: readonly DemoRequest[] = [
  {
    ...plain("shop.localhost", "/"),
    shows: "the platform team's own route",
    check: from("welcome"),
  },
  {
    ...plain("shop.localhost", "/catalog/shoes"),
    times: 40,
    shows: "90 % and 10 %, by weight; a header for every answer",
    check: (answers) =>
      from("catalog-v1", "catalog-v2")(answers) ??
        expect(answers, "x-team: catalog", ({ headers }) => headers.get("x-team") === "catalog") ??
        (answers.some(({ seen }) => seen?.backend === "catalog-v1") ? undefined : "none from v1"),
  },
  {
    ...plain("shop.localhost", "/catalog/shoes", { "x-preview": "yes" }),
    shows: "a header chooses the new version",
    check: from("catalog-v2"),
  },
  {
    ...plain("shop.localhost", "/checkout/cart?item=7", { "x-debug": "1" }),
    shows: "prefix rewritten, one header set and one taken away",
    check: (answers) =>
      from("checkout")(answers) ??
        expect(answers, "path /cart?item=7", ({ seen }) => seen?.path === "/cart?item=7") ??
        expect(answers, "x-forwarded-prefix", ({ seen }) =>
          seen?.headers["x-forwarded-prefix"] === "/checkout") ??
        expect(answers, "no x-debug", ({ seen }) =>
          seen?.headers["x-debug"] === undefined),
  },
  {
    ...plain("shop.localhost", "/products"),
    shows: "an old address, redirected",
    check: redirect("http://shop.localhost/catalog"),
  },
  {
    ...plain("pay.localhost", "/"),
    shows: "a host with TLS sends plain requests there",
    check: redirect("https://pay.localhost/"),
  },
  {
    ...plain("pay.localhost", "/"),
    tls: true,
    shows: "over TLS, with the certificate lent by the platform team",
    check: from("checkout"),
  },
  {
    ...plain("nobody.localhost", "/"),
    shows: "a host that nobody claims",
    check: (answers) => expect(answers, "404", ({ status }) => status === 404),
  },
];

function plain(host: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  return { tls: false, host, path, headers };
}

function from(...backends: string[]) {
  return (answers: readonly Answer[]) =>
    expect(
      answers,
      `200 from ${backends.join(" or ")}`,
      ({ status, seen }) => status === 200 && seen !== undefined && backends.includes(seen.backend),
    );
}

function redirect(location: string) {
  return (answers: readonly Answer[]) =>
    expect(
      answers,
      `301 to ${location}`,
      ({ status, headers }) => status === 301 && headers.get("location") === location,
    );
}

function expect(
  answers: readonly Answer[],
  wanted: string,
  holds: (answer: Answer) => boolean,
): string | undefined {
  return answers.every(holds) ? undefined : `expected ${wanted}`;
}
