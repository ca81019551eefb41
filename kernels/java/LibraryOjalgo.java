// what changes: one call of ojAlgo, the linear algebra library of the JVM that needs no native code
// why it is faster: its authors split the product over threads and wrote its inner loops for the JVM's vectoriser
// what limits it now: ojAlgo: it neither packs panels nor tiles for registers, so B comes from memory often
// how it is built: javac, with the jar that Debian packages; copies into ojAlgo's own matrices count; threads limited
import org.ojalgo.OjAlgoUtils;
import org.ojalgo.matrix.store.PhysicalStore;

final class LibraryOjalgo {
    private static final PhysicalStore.Factory<Double, ?> STORES = stores("R064Store", "Primitive64Store");

    /** Its own store of doubles. With plain arrays, which it can wrap, ojAlgo takes several times as long at n = 4096. */
    @SuppressWarnings("unchecked")
    private static PhysicalStore.Factory<Double, ?> stores(String... names) {
        for (String name : names) { // the new name and the old one
            try {
                Object factory = Class.forName("org.ojalgo.matrix.store." + name).getField("FACTORY").get(null);
                return (PhysicalStore.Factory<Double, ?>) factory;
            } catch (ReflectiveOperationException error) {
                continue;
            }
        }
        throw new IllegalStateException("this ojAlgo has none of " + String.join(", ", names));
    }

    static void multiply(double[][] a, double[][] b, double[][] c, int n, int rows, int threads) {
        OjAlgoUtils.limitThreadsTo(threads);
        PhysicalStore<Double> product = STORES.make(rows, n);
        STORES.rows(a).multiply(STORES.rows(b), product);
        for (int j = 0; j < n; j++) { // as it lies in ojAlgo's memory, column after column
            for (int i = 0; i < rows; i++) {
                c[i][j] = product.doubleValue(i, j);
            }
        }
    }

    public static void main(String[] args) {
        Driver.main(args, LibraryOjalgo::multiply);
    }
}
