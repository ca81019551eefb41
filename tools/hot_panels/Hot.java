
    // Prints the rate of the micro-kernel on packed panels that stay in the caches, in GFLOPS: the best of many chunks.
    public static void main(String[] args) {
        int kc = 256;
        int panels = 32;
        int passes = 16;
        int chunks = 200;
        double[] a = new double[panels * MR * kc];
        double[] b = new double[ALIGN + kc * NR];
        double[][] c = new double[panels * MR][NR];
        Arrays.fill(a, 0.5);
        Arrays.fill(b, 0.25);
        double best = 0.0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long start = System.nanoTime();
            for (int pass = 0; pass < passes; pass++) {
                macroKernel(a, b, c, 0, 0, panels * MR, NR, kc, pass > 0);
            }
            best = Math.max(best, 2.0 * passes * panels * MR * NR * kc / (System.nanoTime() - start));
        }
        for (double[] row : c) {
            for (double sum : row) {
                if (sum != 0.125 * kc * passes) {
                    throw new IllegalStateException("a wrong sum");
                }
            }
        }
        System.out.println(best);
    }
}
