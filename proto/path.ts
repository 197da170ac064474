/** Where something stands in a message: `virtualHosts[0].routes[2].route.prefixRewrite`. */

/** The path of `rest` inside what stands at `first`; either may be empty. */
export function joinPath(first: string, rest: string): string {
  if (first === "" || rest === "") return first + rest;
  return rest.startsWith("[") ? first + rest : `${first}.${rest}`;
}

/** The step to an element of a list (`[3]`) or to an entry of a map (`["envoy.lua"]`). */
export function step(key: number | string): string {
  return typeof key === "number" ? `[${key}]` : `[${JSON.stringify(key)}]`;
}
