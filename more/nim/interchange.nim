# i, k, j loops: the inner one runs along rows of B and C.
import driver

run(proc (a, b: Matrix, c: var Matrix, n, rows: int) =
  for i in 0 ..< rows:
    for j in 0 ..< n:
      c[i * n + j] = 0.0
    for k in 0 ..< n:
      let aik = a[i * n + k]
      for j in 0 ..< n:
        c[i * n + j] += aik * b[k * n + j])
