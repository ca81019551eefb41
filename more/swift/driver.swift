// Started as: program A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
import Glibc

func fail(_ message: String) -> Never {
    fputs(message + "\n", stderr)
    exit(1)
}

func load(_ path: String, _ count: Int) -> [Double] {
    guard let file = fopen(path, "rb") else { fail(path + ": cannot be read") }
    defer { fclose(file) }
    return [Double](unsafeUninitializedCapacity: count) { values, size in
        size = fread(values.baseAddress, 8, count, file)
        if size < count { fail(path + ": file is too short") }
    }
}

func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

@main
struct Program {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 8, let n = Int(arguments[4]), let rows = Int(arguments[5]),
            let reps = Int(arguments[7])
        else { fail("usage: A B C n rows threads reps") }
        let a = load(arguments[1], rows * n)
        let b = load(arguments[2], n * n)
        var c = [Double](repeating: 0, count: rows * n)
        for _ in 0..<reps {
            let start = now()
            multiply(a, b, &c, n, rows)
            print(max(1, now() - start))
        }
        guard let file = fopen(arguments[3], "wb"), fwrite(c, 8, c.count, file) == c.count, fclose(file) == 0
        else { fail(arguments[3] + ": cannot be written") }
    }
}
