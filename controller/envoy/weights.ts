/**
 * Weights whose sum fits the 32 bits that Envoy has for it; what counts is how they compare. As they
 * are where they fit; none that is above zero becomes zero.
 */
export function fittingWeights(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((sum, weight) => sum + weight, 0);
  if (sum <= maximumSum) return weights;
  const scale = (maximumSum - weights.length) / sum;
  return weights.map((weight) => weight === 0 ? 0 : Math.max(1, Math.floor(weight * scale)));
}

const maximumSum = 2 ** 32 - 1;
