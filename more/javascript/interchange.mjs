// i, k, j loops: the inner one runs along rows of B and C. V8 does not vectorise it.
import { run } from "./driver.mjs";

export function multiplyRows(a, b, c, n, first, last) {
  for (let i = first; i < last; i++) {
    const cRow = c.subarray(i * n, i * n + n).fill(0);
    for (let k = 0; k < n; k++) {
      const aik = a[i * n + k], bRow = b.subarray(k * n, k * n + n);
      for (let j = 0; j < n; j++) cRow[j] += aik * bRow[j];
    }
  }
}

if (import.meta.url === `file://${process.argv[1]}`)
  await run((a, b, c, n, rows) => multiplyRows(a, b, c, n, 0, rows));
