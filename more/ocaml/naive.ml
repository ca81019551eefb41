(* The textbook's i, j, k loops over float arrays. *)
let multiply (a : float array) (b : float array) (c : float array) n rows =
  for i = 0 to rows - 1 do
    for j = 0 to n - 1 do
      let total = ref 0.0 in
      for k = 0 to n - 1 do
        total := !total +. (a.((i * n) + k) *. b.((k * n) + j))
      done;
      c.((i * n) + j) <- !total
    done
  done

let () = Driver.run multiply
