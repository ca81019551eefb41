// Makes a rung of divide.go. Rungs that give its recursion a base case of their own are built with divide.go alone.

package main

func multiply(a, b, c []float64, n, rows, threads int) {
	divide(plainBaseCase, a, b, c, n, rows, n, n, false)
}
