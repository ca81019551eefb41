// Figures of the reader's machine: medians with their intervals, in the format of the rest of the page.

// Return the median of an odd number of values, and the values one from the end: of nine values they are an interval
// that covers the true median in 96% of cases, whatever the distribution (the sign test).
function medianOf(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return {value: sorted[(sorted.length - 1) / 2], low: sorted[1], high: sorted.at(-2)};
}

// Three significant figures, thousands separated.
function significant(value, digits = 3) {
  return value.toLocaleString("en", {minimumSignificantDigits: digits, maximumSignificantDigits: digits});
}

function duration(ms) {
  if (ms >= 1000) return `${significant(ms / 1000)} s`;
  return ms >= 1 ? `${significant(ms)} ms` : `${significant(ms * 1000)} µs`;
}

// The distances of an interval's ends from its value, in percent.
function spread({value, low, high}) {
  const below = 100 * (1 - low / value), above = 100 * (high / value - 1);
  const places = Math.max(0, 1 - Math.floor(Math.log10(Math.max(below, above, 1e-3))));
  return `−${below.toFixed(places)} +${above.toFixed(places)}`;
}

function ratioWithInterval({value, low, high}) {
  return `${significant(value)} times (${significant(low)} to ${significant(high)})`;
}
