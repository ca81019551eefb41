// Gonum's mat.Dense, whose product is OpenBLAS's: Gonum calls whatever BLAS it is told to use.
package main

// #include <cblas.h>
import "C"

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/netlib/blas/netlib"
)

func init() {
	blas64.Use(netlib.Implementation{})
}

func multiply(a, b, c []float64, n, rows, threads int) {
	C.openblas_set_num_threads(C.int(threads))
	mat.NewDense(rows, n, c).Mul(mat.NewDense(rows, n, a), mat.NewDense(n, n, b))
}
