# The loops of interchange on rows that are slices, each taken once where it stays the same.
require "./driver"

run do |a, b, c, n, rows|
  rows.times do |i|
    a_i, c_i = a[i], c[i]
    c_i.fill(0.0)
    n.times do |k|
      a_ik, b_k = a_i[k], b[k]
      n.times { |j| c_i[j] += a_ik * b_k[j] }
    end
  end
end
