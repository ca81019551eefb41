// OpenBLAS, called by Java's foreign function API: no line of C is written, and the arrays are not copied to call it.
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

final class Library {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IT_IS = 111;

    private static final SymbolLookup OPENBLAS = SymbolLookup.libraryLookup("libopenblas.so.0", Arena.global());

    private static final MethodHandle SET_THREADS = function("openblas_set_num_threads",
            FunctionDescriptor.ofVoid(JAVA_INT));

    private static final MethodHandle DGEMM = function("cblas_dgemm", FunctionDescriptor.ofVoid(
            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
            JAVA_DOUBLE, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_DOUBLE, ADDRESS, JAVA_INT),
            Linker.Option.critical(true));

    private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(OPENBLAS.find(name).orElseThrow(), descriptor, options);
    }

    static void multiply(double[] a, double[] b, double[] c, int n, int rows, int threads) throws Exception {
        try {
            SET_THREADS.invokeExact(threads);
            DGEMM.invokeExact(ROW_MAJOR, AS_IT_IS, AS_IT_IS, rows, n, n, 1.0, MemorySegment.ofArray(a), n,
                    MemorySegment.ofArray(b), n, 0.0, MemorySegment.ofArray(c), n);
        } catch (Throwable error) {
            throw new Exception(error);
        }
    }

    public static void main(String[] args) {
        Driver.mainFlat(args, Library::multiply);
    }
}
