(* Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C. *)
external monotonic_ns : unit -> int = "monotonic_ns" [@@noalloc]

let load path count =
  let file = open_in_bin path in
  let bytes = really_input_string file (8 * count) in
  close_in file;
  Array.init count (fun i -> Int64.float_of_bits (String.get_int64_le bytes (8 * i)))

let save path values =
  let bytes = Bytes.create (8 * Array.length values) in
  Array.iteri (fun i value -> Bytes.set_int64_le bytes (8 * i) (Int64.bits_of_float value)) values;
  let file = open_out_bin path in
  output_bytes file bytes;
  close_out file

let run multiply =
  if Array.length Sys.argv <> 8 then failwith "usage: A B C n rows threads reps";
  let number i = int_of_string Sys.argv.(i) in
  let n = number 4 and rows = number 5 in
  let a = load Sys.argv.(1) (rows * n) and b = load Sys.argv.(2) (n * n) in
  let c = Array.make (rows * n) 0.0 in
  for _ = 1 to number 7 do
    let start = monotonic_ns () in
    multiply a b c n rows;
    Printf.printf "%d\n" (max 1 (monotonic_ns () - start))
  done;
  save Sys.argv.(3) c
