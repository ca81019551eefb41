# PyTorch's matrix product on the CPU, by the BLAS that it is built with. Its tensors share the memory of NumPy's
# arrays.
from ndarrays import main  # isort: split

import torch


def multiply(a, b, c, n, rows, threads):
    torch.set_num_threads(threads)
    torch.matmul(torch.from_numpy(a), torch.from_numpy(b), out=torch.from_numpy(c))


if __name__ == "__main__":
    main(multiply)
