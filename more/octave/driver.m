% Started as: octave-cli SOURCE A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
function driver(multiply)
  words = argv();
  if numel(words) != 7
    error("usage: A B C n rows threads reps");
  end
  n = str2double(words{4});
  rows = str2double(words{5});
  a = load_matrix(words{1}, rows, n);
  b = load_matrix(words{2}, n, n);
  for rep = 1:str2double(words{7})
    start = time(); % Octave has no monotonic clock that is as fine
    c = multiply(a, b, n, rows);
    printf("%.0f\n", max(1, (time() - start) * 1e9));
  end
  file = fopen(words{3}, "wb");
  written = fwrite(file, c.', "double", 0, "ieee-le");
  if written != rows * n || fflush(file) != 0 || fclose(file) != 0
    error("%s: cannot be written", words{3});
  end
end

function matrix = load_matrix(path, rows, n)
  [file, message] = fopen(path, "rb");
  if file < 0
    error("%s: %s", path, message);
  end
  [matrix, count] = fread(file, [n, rows], "double", 0, "ieee-le");
  fclose(file);
  if count < rows * n
    error("%s: file is too short", path);
  end
  matrix = matrix.';
end
