// Package tile is the innermost loop of the rung intrinsics, once for each vector unit: a tile of C of 2 rows and 4 vectors,
// whose eight sums stay in registers beside four vectors of B and two values of A. The compiler uses 15 of 32 registers
// (golang issue 80828), and 4 rows of 2 vectors were slower. It is a package of its own because files of a folder are
// chosen by their architecture.
package tile

// Rows is the height of the tile, and MaxColumns its width for the widest vectors.
const Rows, MaxColumns = 2, 32
