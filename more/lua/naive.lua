-- The textbook's i, j, k loops over arrays of doubles, as LuaJIT's FFI has them.
package.path = arg[0]:match "^(.*/)" .. "?.lua"
local run = require "driver"

run(function(a, b, c, n, rows)
  for i = 0, rows - 1 do
    for j = 0, n - 1 do
      local total = 0
      for k = 0, n - 1 do
        total = total + a[i * n + k] * b[k * n + j]
      end
      c[i * n + j] = total
    end
  end
end)
