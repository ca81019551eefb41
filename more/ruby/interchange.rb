# i, k, j loops: the inner one runs along rows of B and C.
require_relative "driver"

run do |a, b, n|
  a.map do |a_row|
    c_row = Array.new(n, 0.0)
    a_row.each_with_index do |a_ik, k|
      b_row = b[k]
      j = 0
      while j < n
        c_row[j] += a_ik * b_row[j]
        j += 1
      end
    end
    c_row
  end
end
