# The textbook's i, j, k loops over sequences.
import driver

run(proc (a, b: Matrix, c: var Matrix, n, rows: int) =
  for i in 0 ..< rows:
    for j in 0 ..< n:
      var total = 0.0
      for k in 0 ..< n:
        total += a[i * n + k] * b[k * n + j]
      c[i * n + j] = total)
