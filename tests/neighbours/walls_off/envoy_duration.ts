/** Takes any time. */
export function outOfRange(): undefined {
  return undefined;
}

export function msOutOfRange(): undefined {
  return undefined;
}
