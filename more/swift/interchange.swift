// The loops of interchange on Swift's arrays, whose indices are checked.
func multiply(_ a: [Double], _ b: [Double], _ c: inout [Double], _ n: Int, _ rows: Int) {
    for i in 0..<rows {
        for j in 0..<n {
            c[i * n + j] = 0.0
        }
        for k in 0..<n {
            let a_ik = a[i * n + k]
            for j in 0..<n {
                c[i * n + j] += a_ik * b[k * n + j]
            }
        }
    }
}
