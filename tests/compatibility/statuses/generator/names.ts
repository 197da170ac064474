import type { Draw } from "./draw.ts";

/** A Service of `surroundings.ts` that can be used without anything being wrong. */
export function serviceName(draw: Draw): string {
  return draw.value(
    ["web", "web", "api", "secure", "marked"],
    ["nobody", "mixed", "outside", "itself", "loopback", "bare"],
  );
}

/** A port of it. */
export function servicePort(draw: Draw): number {
  return draw.value([80, 80, 443], [81, 53, 8080, 65535], [0, 65536]);
}

/** A Secret to serve, as it is written. */
export function certificateReference(draw: Draw, namespaces: readonly string[]): string {
  return reference(
    draw,
    namespaces,
    draw.value(["cert", "cert", "all"], [
      "missing",
      "ca",
      "other",
      "nothing",
      "notes",
      "two-keys",
      "no-key",
      "key-first",
      "cert-key",
      "torn",
      "nameless",
      "no-der",
    ]),
  );
}

/** A Secret to check by. */
export function caReference(draw: Draw, namespaces: readonly string[]): string {
  return reference(
    draw,
    namespaces,
    draw.value(["ca", "ca", "all"], [
      "missing",
      "cert",
      "other",
      "nothing",
      "notes",
      "no-key",
      "key-first",
      "torn",
      "no-der",
      "two-keys",
    ]),
  );
}

/** A Secret that says what was revoked. */
export function revocationReference(draw: Draw, namespaces: readonly string[]): string {
  return reference(
    draw,
    namespaces,
    draw.value(["crl", "crl", "all"], [
      "missing",
      "ca",
      "other",
      "nothing",
      "notes",
      "no-key",
      "cert-key",
      "torn",
    ]),
  );
}

/** Mostly in the namespace at hand; else in another, to which it may be delegated or not. */
function reference(draw: Draw, namespaces: readonly string[], name: string): string {
  if (draw.chance(0.75)) return name;
  return `${draw.value(namespaces, [...namespaces, "nowhere"])}/${name}`;
}
