# Started as: Rscript SOURCE A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.

load_matrix <- function(path, rows, n) {
  connection <- file(path, "rb")
  on.exit(close(connection))
  values <- readBin(connection, "double", rows * n, endian = "little")
  if (length(values) < rows * n) stop(path, ": file is too short")
  matrix(values, rows, n, byrow = TRUE)
}

save_matrix <- function(path, c) {
  connection <- file(path, "wb")
  writeBin(as.vector(t(c)), connection, endian = "little")
  close(connection)
  # neither of the two says that a disk is full
  if (file.size(path) != 8 * length(c)) stop(path, ": cannot be written")
}

run <- function(multiply) {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) != 7) stop("usage: A B C n rows threads reps")
  n <- as.integer(arguments[4])
  rows <- as.integer(arguments[5])
  a <- load_matrix(arguments[1], rows, n)
  b <- load_matrix(arguments[2], n, n)
  for (rep in seq_len(as.integer(arguments[7]))) {
    start <- Sys.time() # R has no monotonic clock that is as fine
    c <- multiply(a, b, n, rows)
    seconds <- as.numeric(Sys.time()) - as.numeric(start)
    cat(sprintf("%.0f\n", max(1, 1e9 * seconds)))
  }
  save_matrix(arguments[3], c)
}
