(* i, k, j loops: the inner one runs along rows of B and C. OCaml does not vectorise it. *)
let multiply (a : float array) (b : float array) (c : float array) n rows =
  Array.fill c 0 (rows * n) 0.0;
  for i = 0 to rows - 1 do
    let c_i = i * n in
    for k = 0 to n - 1 do
      let a_ik = a.(c_i + k) and b_k = k * n in
      for j = 0 to n - 1 do
        c.(c_i + j) <- c.(c_i + j) +. (a_ik *. b.(b_k + j))
      done
    done
  done

let () = Driver.run multiply
