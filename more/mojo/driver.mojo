# Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
from std.sys import argv
from std.time import perf_counter_ns

comptime Values = List[Float64]
comptime Multiply = def(Values, Values, mut Values, Int, Int, Int) thin -> None


def load(path: String, count: Int) raises -> Values:
    var bytes = open(path, "r").read_bytes(8 * count)
    if len(bytes) < 8 * count:
        raise Error(path, ": file is too short")
    var values = Values(capacity=count)
    for i in range(count):
        var bits = UInt64(0)
        for byte in range(8):
            bits |= UInt64(bytes[8 * i + byte]) << UInt64(8 * byte)
        values.append(Float64(from_bits=bits))
    return values^


def save(path: String, values: Values) raises:
    var bytes = List[UInt8](capacity=8 * len(values))
    for value in values:
        var bits = value.to_bits[DType.uint64]()
        for byte in range(8):
            bytes.append(UInt8((bits >> UInt64(8 * byte)) & 255))
    with open(path, "w") as file:
        file.write_bytes(bytes)


def run[multiply: Multiply]() raises:
    var arguments = argv()
    if len(arguments) != 8:
        raise Error("usage: A B C n rows threads reps")
    var n = Int(arguments[4])
    var rows = Int(arguments[5])
    var threads = Int(arguments[6])
    var a = load(String(arguments[1]), rows * n)
    var b = load(String(arguments[2]), n * n)
    var c = Values(length=rows * n, fill=0.0)
    for _ in range(Int(arguments[7])):
        var start = perf_counter_ns()
        multiply(a, b, c, n, rows, threads)
        print(max(1, Int(perf_counter_ns() - start)))
    save(String(arguments[3]), c)
