/** Takes any name. */
export function nameProblem(): undefined {
  return undefined;
}
