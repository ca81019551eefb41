// The kernels of more/javascript: the first rows of C = A . B over typed arrays.
function multiplyNaive(a, b, c, n, rows) {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let k = 0; k < n; k++) total += a[i * n + k] * b[k * n + j];
      c[i * n + j] = total;
    }
  }
}

function multiplyInterchange(a, b, c, n, rows) {
  for (let i = 0; i < rows; i++) {
    const cRow = c.subarray(i * n, i * n + n).fill(0);
    for (let k = 0; k < n; k++) {
      const aik = a[i * n + k], bRow = b.subarray(k * n, k * n + n);
      for (let j = 0; j < n; j++) cRow[j] += aik * bRow[j];
    }
  }
}

// Return the kernels in JavaScript. A kernel multiplies some rows in run(rows), and leaves them in `c`.
function javaScriptKernels(n, {a, b}) {
  const c = new Float64Array(n * n);
  return [
    {id: "js-naive", c, run: rows => multiplyNaive(a, b, c, n, rows)},
    {id: "js-interchange", c, run: rows => multiplyInterchange(a, b, c, n, rows)},
  ];
}
