// The textbook's i, j, k loops over typed arrays.
import { run } from "./driver.mjs";

await run((a, b, c, n, rows) => {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let k = 0; k < n; k++) total += a[i * n + k] * b[k * n + j];
      c[i * n + j] = total;
    }
  }
});
