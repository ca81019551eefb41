# Started as: ruby RUNG A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
abort "usage: A B C n rows threads reps" unless ARGV.length == 7

def load_matrix(path, rows, n)
  values = File.binread(path, 8 * rows * n).unpack("E*")
  abort "#{path}: too short" unless values.length == rows * n
  values.each_slice(n).to_a
end

def run
  n, rows, _threads, reps = ARGV[3..].map { |word| Integer(word) }
  a = load_matrix(ARGV[0], rows, n)
  b = load_matrix(ARGV[1], n, n)
  c = nil
  reps.times do
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
    c = yield a, b, n
    puts Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start
  end
  File.open(ARGV[2], "wb") { |file| c.each { |row| file.write(row.pack("E*")) } }
end
