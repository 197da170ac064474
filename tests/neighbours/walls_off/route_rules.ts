/** Finds no fault with any route. */
export function routeViolations(): readonly never[] {
  return [];
}
