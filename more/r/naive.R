# The naive loops on R's matrices, compiled to byte code as R does with every function.
source(file.path(dirname(sub("--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "driver.R"))

multiply <- function(a, b, n, rows) {
  c <- matrix(0, rows, n)
  for (i in seq_len(rows)) {
    for (j in seq_len(n)) {
      total <- 0
      for (k in seq_len(n)) {
        total <- total + a[i, k] * b[k, j]
      }
      c[i, j] <- total
    }
  }
  c
}

run(multiply)
