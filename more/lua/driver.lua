-- Started as: luajit RUNG A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
local ffi = require "ffi"

ffi.cdef [[
typedef struct { long tv_sec, tv_nsec; } timespec;
int clock_gettime(int clock, timespec *now);
]]
local now, MONOTONIC = ffi.new "timespec", 1

local function now_ns()
  ffi.C.clock_gettime(MONOTONIC, now)
  return tonumber(now.tv_sec) * 1e9 + tonumber(now.tv_nsec)
end

local function load_matrix(path, count)
  local file = assert(io.open(path, "rb"))
  local values, done = ffi.new("double[?]", count), 0
  while done < 8 * count do
    local bytes = assert(file:read(math.min(8 * count - done, 2 ^ 24)), path .. ": too short")
    ffi.copy(ffi.cast("char *", values) + done, bytes, #bytes)
    done = done + #bytes
  end
  file:close()
  return values
end

return function(multiply)
  assert(#arg == 7, "usage: A B C n rows threads reps")
  local n, rows, reps = tonumber(arg[4]), tonumber(arg[5]), tonumber(arg[7])
  local a, b = load_matrix(arg[1], rows * n), load_matrix(arg[2], n * n)
  local c = ffi.new("double[?]", rows * n)
  for _ = 1, reps do
    local start = now_ns()
    multiply(a, b, c, n, rows)
    print(string.format("%d", math.max(1, now_ns() - start)))
  end
  local file = assert(io.open(arg[3], "wb"))
  for i = 0, rows - 1 do
    assert(file:write(ffi.string(c + i * n, 8 * n)))
  end
  assert(file:flush())
  assert(file:close())
end
