/**
 * Whether names below a domain belong to different people, as far as one can tell from its form:
 * `co.uk`, `com.au`. The full list (https://publicsuffix.org) has thousands that change every week;
 * what is missing here costs a warning that can be ignored.
 */
export function isSharedSuffix(domain: string): boolean {
  return secondLevel.test(domain) || platforms.has(domain);
}

const secondLevel =
  /^(ac|co|com|edu|gen|go|gob|gov|gouv|id|info|ltd|me|mil|ne|net|nom|or|org|plc|sch|web)\.[a-z]{2}$/;

/** Suffixes that hosting services give to their customers. */
const platforms: ReadonlySet<string> = new Set([
  "azurewebsites.net",
  "cloudapp.azure.com",
  "fly.dev",
  "github.io",
  "gitlab.io",
  "herokuapp.com",
  "netlify.app",
  "nip.io",
  "pages.dev",
  "run.app",
  "sslip.io",
  "vercel.app",
  "web.app",
  "workers.dev",
]);
