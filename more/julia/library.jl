# Julia's own matrix product, by the OpenBLAS that comes with it.
using LinearAlgebra
include("driver.jl")

run() do c, a, b, threads
    BLAS.set_num_threads(threads)
    mul!(c, a, b)
end
