"""What Numba has no words for: vector registers. @intrinsic lets a function be written as LLVM's instructions."""

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# A tile of C, ROWS x COLUMNS, that fills the vector registers but for those that hold B and an element of A:
# 8 x 3 of 32 registers (AVX-512, NEON), or 6 x 2 of 16 (AVX2; LLVM halves the vectors where there is only SSE).
_FEATURES = get_host_cpu_features()
LANES = 8 if _FEATURES.get("avx512f") else 4 if _FEATURES.get("sse2") else 2
ROWS, VECTORS = (6, 2) if LANES == 4 else (8, 3)
COLUMNS = VECTORS * LANES


@intrinsic
def multiply_tile(typing_context, c, a, b, add):
    """c = a . b, or c += a . b if `add`, for c[ROWS x COLUMNS], a[ROWS x any] and b[any x COLUMNS].

    a and b may have any strides; rows of c and b are contiguous. One rounding a step: LLVM's fma.
    """
    return types.void(c, a, b, add), _generate


def _generate(context, builder, signature, arguments):
    double, byte, size = ir.DoubleType(), ir.IntType(8), context.get_value_type(types.intp)
    vector = ir.VectorType(double, LANES)
    flag = ir.IntType(32)
    fma = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{LANES}f64"
    )
    prefetch = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(ir.VoidType(), [byte.as_pointer(), flag, flag, flag]), "llvm.prefetch.p0"
    )
    c, a, b = (
        context.make_array(kind)(context, builder, value)
        for kind, value in zip(signature.args[:3], arguments, strict=False)
    )

    def address(array, i, j, kind=vector):
        i, j = (ir.Constant(size, at) if isinstance(at, int) else at for at in (i, j))
        row, column = (builder.extract_value(array.strides, axis) for axis in (0, 1))
        offset = builder.add(builder.mul(i, row), builder.mul(j, column))
        start = builder.bitcast(array.data, byte.as_pointer())
        return builder.bitcast(builder.gep(start, [offset]), kind.as_pointer())

    def load(array, i, j):
        return builder.load(address(array, i, j), align=8)

    def broadcast(array, i, j):
        element = builder.load(address(array, i, j, double))
        first = builder.insert_element(ir.Constant(vector, ir.Undefined), element, ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), None))

    tile = {}
    for i in range(ROWS):
        for v in range(VECTORS):
            tile[i, v] = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
            to_write, soon, data = (ir.Constant(flag, value) for value in (1, 3, 1))
            builder.call(prefetch, [address(c, i, v * LANES, byte), to_write, soon, data])
    with cgutils.for_range(builder, builder.extract_value(a.shape, 1)) as loop:
        b_k = [load(b, loop.index, v * LANES) for v in range(VECTORS)]
        for i in range(ROWS):
            a_ik = broadcast(a, i, loop.index)
            for v in range(VECTORS):
                builder.store(builder.call(fma, [a_ik, b_k[v], builder.load(tile[i, v])]), tile[i, v])
    with builder.if_else(builder.trunc(arguments[3], ir.IntType(1))) as (adding, writing):
        with adding:
            for (i, v), sums in tile.items():
                old = load(c, i, v * LANES)
                builder.store(builder.fadd(old, builder.load(sums)), address(c, i, v * LANES), align=8)
        with writing:
            for (i, v), sums in tile.items():
                builder.store(builder.load(sums), address(c, i, v * LANES), align=8)
    return context.get_dummy_value()
