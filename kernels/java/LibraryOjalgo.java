// what changes: one call of ojAlgo, the linear algebra library of the JVM that needs no native code
// why it is faster: its authors split the product over threads and wrote its inner loops for the JVM's vectoriser
// what limits it now: ojAlgo: it neither packs panels nor tiles for registers, so B comes from memory often
// how it is built: javac, with the jar that Debian packages; its matrices wrap the arrays as they are; its threads are limited
// share of peak to expect: not seen yet
import org.ojalgo.OjAlgoUtils;
import org.ojalgo.matrix.store.RawStore;

final class LibraryOjalgo {
    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) {
        OjAlgoUtils.limitThreadsTo(threads);
        RawStore.wrap(a).multiply(RawStore.wrap(b), RawStore.wrap(c));
    }

    public static void main(String[] args) {
        Driver.main(args, LibraryOjalgo::multiply);
    }
}
