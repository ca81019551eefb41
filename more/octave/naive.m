% The naive loops on Octave's matrices, interpreted.
1;

function c = multiply(a, b, n, rows)
  c = zeros(rows, n);
  for i = 1:rows
    for j = 1:n
      total = 0;
      for k = 1:n
        total += a(i, k) * b(k, j);
      end
      c(i, j) = total;
    end
  end
end

driver(@multiply);
