# The naive loops on rows that are slices. Crystal checks every index and every addition of whole numbers.
require "./driver"

run do |a, b, c, n, rows|
  rows.times do |i|
    a_i, c_i = a[i], c[i]
    n.times do |j|
      total = 0.0
      n.times { |k| total += a_i[k] * b[k][j] }
      c_i[j] = total
    end
  end
end
