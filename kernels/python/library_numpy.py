# what changes: NumPy's matrix product instead of loops
# why it is faster: it calls the BLAS that NumPy is built with: packed blocks, vector instructions, all threads
# what limits it now: the FP64 units, and the share of the time in which that BLAS keeps them busy
# how it is built: not at all: NumPy's own wheel with its OpenBLAS, threads limited before NumPy is loaded
from ndarrays import main  # isort: split

import numpy as np


def multiply(a, b, c, n, rows, threads):
    np.matmul(a, b, out=c)


if __name__ == "__main__":
    main(multiply)
