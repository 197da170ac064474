/** Whatever annotations say, what comes out can be applied, and lint finds no error in it. */
import assert from "node:assert/strict";
import { contourAnnotations, convert, nginxAnnotations } from "../../convert/mod.ts";
import { lint } from "../../lint/mod.ts";
import { Random } from "../e2e/random.ts";

const batches = 40;
const hostsEach = 40;

Deno.test(`${batches * hostsEach} Ingresses with odd annotations: what comes out is valid`, () => {
  for (let seed = 0; seed < batches; seed++) {
    const random = new Random(20_350_000 + seed);
    const isNginx = random.chance(75);
    const ingresses = Array.from({ length: hostsEach }, (_, i) => oddIngress(random, i, isNginx));
    const conversion = convert([{ file: "in.yaml", text: ingresses.map(asText).join("\n---\n") }], {
      provider: isNginx ? "ingress-nginx" : "contour",
    });
    assert.deepEqual(conversion.diagnostics, [], `seed ${seed}`);
    const { findings } = lint(conversion.files, { settings: { enableExternalNameService: true } });
    const errors = findings.filter(({ severity }) => severity === "error");
    const told = errors.map(({ code, message, object, path }) => {
      const given = ingresses.find(({ metadata: { name } }) => object?.name.startsWith(name));
      return `${code} ${object?.name} ${path}: ${message}\n   ${
        JSON.stringify(given?.metadata.annotations)
      }`;
    });
    assert.deepEqual(told, [], `seed ${seed}`);
  }
});

const nginxNames = nginxAnnotations.flatMap(({ rows }) =>
  rows.map(({ name }) => `nginx.ingress.kubernetes.io/${name}`)
);
const contourNames = contourAnnotations.flatMap(({ rows }) =>
  rows.map(({ name }) => name.includes("/") ? name : `projectcontour.io/${name}`)
);

/** What makes others have an effect. */
const companions: readonly Readonly<Record<string, string>>[] = [
  { "auth-tls-secret": "web/ca" },
  {
    "proxy-ssl-secret": "web/ca",
    "proxy-ssl-verify": "on",
    "proxy-ssl-name": "x",
    "backend-protocol": "HTTPS",
  },
  { "enable-cors": "true" },
  { "affinity": "cookie" },
  { "auth-url": "http://auth.web.svc.cluster.local/check" },
  { "permanent-redirect": "https://a.test/" },
  { "rewrite-target": "/$1" },
  { "limit-rps": "5" },
];

const values = [
  ..."true false 0 1 -1 99999999999 1.5 30s 1h off on cookie GRPC GRPCS https GET * always none Lax"
    .split(" "),
  ...[
    "",
    " ",
    "https://a.example.com/x",
    "https://a.example.com:99999/",
    "http://auth.web.svc:8080",
  ],
  ...["10.0.0.0/8", "::1/128,10.0.0.0/33", "0.0.0.0/0", "/a b", "/%", "/x?y=1#z", "$host", "a\nb"],
  ...[
    "$http_x_y",
    "$arg_a$request_uri",
    "Host: x",
    "a,b,,c",
    "https://*.example.com",
    "(?!x)",
    "[",
  ],
  ...["*.example.com, http://b", "Ünïcode", '"quoted"', "web/secret", "secret", "x/y/z", "{}", "]"],
  ...[
    "error timeout http_502 non_idempotent",
    "http_999",
    'add_header X-A "1";',
    "alias.test, ~^x",
  ],
  ...["proxy_set_header Host $host;", "return 301 https://x.test$request_uri;", "return 700;"],
  ...["return 200 ok;", 'more_set_headers "Bad Name: 1";', 'more_set_headers "Content-Length: 1";'],
  ...[
    'proxy_set_header Host "";',
    "^v[0-9]+$",
    "*.h.test",
    "X_Underscore",
    "1.3",
    "1.1",
    "infinity",
  ],
  ...[
    "5xx,gateway-error",
    "5xx,bogus",
    "/",
    "/foo,/bar",
    "optional",
    "optional_no_ca",
    "\u2028",
    "\0",
  ],
  ...[
    "a;b",
    "x".repeat(300),
    "GET, P OST",
    "X-A, B:C",
    "https://a.test,https://b.test/x",
    "a.b.c/d",
  ],
];

function oddIngress(random: Random, index: number, isNginx: boolean) {
  const names = isNginx ? nginxNames : contourNames;
  const annotations: Record<string, string> = {};
  if (isNginx && random.chance(60)) {
    for (
      const [name, value] of Object.entries(random.pick(companions as typeof companions & [object]))
    ) {
      annotations[`nginx.ingress.kubernetes.io/${name}`] = value;
    }
  }
  for (let i = 0; i <= random.below(4); i++) {
    annotations[random.pick(names as [string])] = random.pick(values as [string]);
  }
  const host = `h${index}.test`;
  const path = (path: string) => ({
    path,
    pathType: random.pick(["Prefix", "Exact", "ImplementationSpecific"]),
    backend: { service: { name: "s", port: { number: 80 } } },
  });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: `i${index}-x`, namespace: "web", annotations },
    spec: {
      ...(random.chance(50) ? { tls: [{ hosts: [host], secretName: "h" }] } : {}),
      rules: [{ host, http: { paths: [path("/"), path(random.pick(["/b", "/b/", "/a.b"]))] } }],
    },
  };
}

function asText(ingress: ReturnType<typeof oddIngress>): string {
  return JSON.stringify(ingress);
}
