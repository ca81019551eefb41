% Octave's own matrix product, by the BLAS that it is linked to.
driver(@(a, b, n, rows) a * b);
