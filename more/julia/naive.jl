# The naive loops on Julia's matrices, which lie column by column: here it is A that is read across its memory.
include("driver.jl")

function multiply!(c, a, b, threads)
    rows, n = size(a)
    for i in 1:rows, j in 1:n
        total = 0.0
        for k in 1:n
            total += a[i, k] * b[k, j]
        end
        c[i, j] = total
    end
end

run(multiply!)
