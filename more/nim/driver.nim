# Started as: program A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
import std/[monotimes, os, strutils, times]

type Matrix* = seq[float64]

proc load(path: string, count: int): Matrix =
  result = newSeq[float64](count)
  let file = open(path)
  defer: file.close()
  if file.readBuffer(addr result[0], 8 * count) != 8 * count:
    quit(path & ": too short", 1)

proc run*(multiply: proc (a, b: Matrix, c: var Matrix, n, rows: int)) =
  if paramCount() != 7:
    quit("usage: A B C n rows threads reps", 1)
  let n = parseInt(paramStr(4))
  let rows = parseInt(paramStr(5))
  let a = load(paramStr(1), rows * n)
  let b = load(paramStr(2), n * n)
  var c = newSeq[float64](rows * n)
  for _ in 1 .. parseInt(paramStr(7)):
    let start = getMonoTime()
    multiply(a, b, c, n, rows)
    echo max(1, (getMonoTime() - start).inNanoseconds)
  let file = open(paramStr(3), fmWrite)
  if file.writeBuffer(addr c[0], 8 * c.len) != 8 * c.len:
    quit(paramStr(3) & ": cannot be written", 1)
  file.flushFile()
  file.close()
