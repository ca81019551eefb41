# Started as: julia SOURCE A B C n rows threads reps. Reads A and B, times multiply! `reps` times, writes C.

# Julia's matrices lie column by column, so that what is read row by row is the transpose.
function load(path, rows, n)
    columns = Matrix{Float64}(undef, n, rows)
    open(file -> read!(file, columns), path)
    permutedims(columns)
end

function run(multiply!)
    length(ARGS) == 7 || error("usage: A B C n rows threads reps")
    n, rows, threads, reps = parse.(Int, ARGS[4:7])
    a, b = load(ARGS[1], rows, n), load(ARGS[2], n, n)
    c = Matrix{Float64}(undef, rows, n)
    for _ in 1:reps
        start = time_ns()
        multiply!(c, a, b, threads)
        println(max(1, time_ns() - start))
    end
    open(file -> write(file, permutedims(c)), ARGS[3], "w")
end
