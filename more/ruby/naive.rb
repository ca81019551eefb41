# The textbook's i, j, k loops over arrays of rows.
require_relative "driver"

run do |a, b, n|
  a.map do |a_row|
    Array.new(n) do |j|
      total = 0.0
      k = 0
      while k < n
        total += a_row[k] * b[k][j]
        k += 1
      end
      total
    end
  end
end
