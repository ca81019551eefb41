"""What Numba has no words for: vector registers. @intrinsic lets a function be written as LLVM's instructions."""

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Doubles in a vector register: AVX-512, AVX2 (LLVM halves the vectors where there is only SSE), or NEON.
_FEATURES = get_host_cpu_features()
LANES = 8 if _FEATURES.get("avx512f") else 4 if _FEATURES.get("sse2") else 2
REGISTERS = 16 if LANES == 4 else 32


def tile_product(rows, vectors):
    """A function for compiled code, multiply_tile(c, a, b, add): c = a . b, or c += a . b if `add`.

    c has `rows` rows and `vectors` * LANES columns, and stays in as many registers, all written out: no loop over it.
    a and b may have any strides between rows (a between columns too). One rounding a step: LLVM's fma.
    """

    @intrinsic
    def multiply_tile(typing_context, c, a, b, add):
        return types.void(c, a, b, add), generate

    def generate(context, builder, signature, arguments):
        c, a, b = (
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[:3], arguments[:3], strict=True)
        )
        add = builder.trunc(arguments[3], ir.IntType(1))
        places = [(i, j) for i in range(rows) for j in range(0, vectors * LANES, LANES)]
        sums = {place: cgutils.alloca_once_value(builder, ir.Constant(VECTOR, None)) for place in places}
        for i, j in places:
            prefetch(builder, address(builder, c, i, j, BYTE))
        with cgutils.for_range(builder, builder.extract_value(a.shape, 1)) as step:
            k = step.index
            b_k = {j: builder.load(address(builder, b, k, j), align=8) for i, j in places if i == 0}
            for i in range(rows):
                a_ik = broadcast(builder, builder.load(address(builder, a, i, k, DOUBLE)))
                for j, b_kj in b_k.items():
                    builder.store(fma(builder, a_ik, b_kj, builder.load(sums[i, j])), sums[i, j])
        with builder.if_else(add) as (adding, writing):
            with adding:
                for i, j in places:
                    old = builder.load(address(builder, c, i, j), align=8)
                    builder.store(builder.fadd(old, builder.load(sums[i, j])), address(builder, c, i, j), align=8)
            with writing:
                for i, j in places:
                    builder.store(builder.load(sums[i, j]), address(builder, c, i, j), align=8)
        return context.get_dummy_value()

    return multiply_tile


BYTE, FLAG, SIZE, DOUBLE = ir.IntType(8), ir.IntType(32), ir.IntType(types.intp.bitwidth), ir.DoubleType()
VECTOR = ir.VectorType(DOUBLE, LANES)


def address(builder, array, i, j, kind=VECTOR):
    """Where element i, j of an array is."""
    at = builder.bitcast(array.data, BYTE.as_pointer())
    for axis, index in enumerate((i, j)):
        index = SIZE(index) if isinstance(index, int) else index
        at = builder.gep(at, [builder.mul(index, builder.extract_value(array.strides, axis))])
    return builder.bitcast(at, kind.as_pointer())


def broadcast(builder, value):
    first = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), value, FLAG(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(FLAG, LANES), None))


def fma(builder, x, y, z):
    kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f64"), [x, y, z])


def prefetch(builder, at):
    kind = ir.FunctionType(ir.VoidType(), [at.type, FLAG, FLAG, FLAG])
    to_write, to_keep, data = FLAG(1), FLAG(3), FLAG(1)
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    builder.call(function, [at, to_write, to_keep, data])
