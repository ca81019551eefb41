// The naive loops on Swift's arrays, whose indices are checked.
func multiply(_ a: [Double], _ b: [Double], _ c: inout [Double], _ n: Int, _ rows: Int) {
    for i in 0..<rows {
        for j in 0..<n {
            var total = 0.0
            for k in 0..<n {
                total += a[i * n + k] * b[k * n + j]
            }
            c[i * n + j] = total
        }
    }
}
