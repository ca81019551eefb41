// The inputs of all kernels, bit for bit those of harness/prepare/inputs.py: NumPy's PCG64 (O'Neill 2014, PCG XSL RR
// 128/64) and whole numbers of an interval by Lemire's method (2019, Fast Random Integer Generation in an Interval).
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

// Return a function that returns the generator's next 32 bits: the lower half of 64, then the upper one.
function pcg64(state, increment) {
  let upper = null;
  return () => {
    if (upper !== null) {
      const half = upper;
      upper = null;
      return half;
    }
    state = BigInt.asUintN(128, state * MULTIPLIER + increment);
    const folded = BigInt.asUintN(64, (state >> 64n) ^ state);
    const turns = state >> 122n;
    const bits = BigInt.asUintN(64, (folded >> turns) | (folded << (64n - turns)));
    upper = Number(bits >> 32n);
    return Number(bits & 0xffffffffn);
  };
}

// Return `count` values k / 2^20 with k uniform in [-2^19, 2^19].
function dyadic(count, next) {
  const choices = 2 ** 20 + 1, rejected = 2 ** 32 % choices;
  return Float64Array.from({length: count}, () => {
    let scaled;
    do scaled = next() * choices; // below 2^53, and so exact
    while (scaled % 2 ** 32 < rejected);
    return (Math.floor(scaled / 2 ** 32) - 2 ** 19) / 2 ** 20;
  });
}

// Return A and B of one size, n x n, from the generator's state as the page carries it.
function makeInputs(n, {state, increment}) {
  const next = pcg64(BigInt(state), BigInt(increment));
  return {a: dyadic(n * n, next), b: dyadic(n * n, next)};
}
