# The loops in the order that runs down columns, as Julia's matrices lie in memory.
include("driver.jl")

function multiply!(c, a, b, threads)
    rows, n = size(a)
    fill!(c, 0.0)
    for j in 1:n, k in 1:n
        b_kj = b[k, j]
        for i in 1:rows
            c[i, j] += a[i, k] * b_kj
        end
    end
end

run(multiply!)
