-- i, k, j loops: the inner one runs along rows of B and C. LuaJIT does not vectorise it.
package.path = arg[0]:match "^(.*/)" .. "?.lua"
local run = require "driver"

run(function(a, b, c, n, rows)
  for i = 0, rows - 1 do
    for j = 0, n - 1 do
      c[i * n + j] = 0
    end
    for k = 0, n - 1 do
      local aik = a[i * n + k]
      for j = 0, n - 1 do
        c[i * n + j] = c[i * n + j] + aik * b[k * n + j]
      end
    end
  end
end)
