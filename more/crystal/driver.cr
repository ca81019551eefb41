# Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.

alias Matrix = Array(Slice(Float64)) # its rows

def load(path : String, rows : Int32, n : Int32) : Matrix
  File.open(path, "rb") do |file|
    Array.new(rows) do
      Slice(Float64).new(n).tap { |row| file.read_fully(row.to_unsafe_bytes) }
    end
  end
end

def run(&multiply : Matrix, Matrix, Matrix, Int32, Int32 ->)
  abort "usage: A B C n rows threads reps" if ARGV.size != 7
  n, rows, reps = ARGV[3].to_i, ARGV[4].to_i, ARGV[6].to_i
  a, b = load(ARGV[0], rows, n), load(ARGV[1], n, n)
  c = Array.new(rows) { Slice(Float64).new(n) }
  reps.times do
    start = Time.monotonic
    multiply.call(a, b, c, n, rows)
    puts Math.max(1_i64, (Time.monotonic - start).total_nanoseconds.to_i64)
  end
  File.open(ARGV[2], "wb") { |file| c.each { |row| file.write(row.to_unsafe_bytes) } }
rescue error : IO::Error
  abort error.message
end
