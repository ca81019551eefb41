// Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"time"
)

// The rung defines multiply(a, b, c []float64, n, rows, threads int): c[rows x n] = a[rows x n] . b[n x n],
// all row-major. c may hold anything on entry. No more than `threads` threads may compute.
func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 8 {
		return fmt.Errorf("usage: A B C n rows threads reps")
	}
	var numbers [4]int
	for i, name := range []string{"n", "rows", "threads", "reps"} {
		value, err := strconv.Atoi(args[4+i])
		if err != nil || value < 1 || value > 1<<30 {
			return fmt.Errorf("%s: not a whole number from 1 to 2^30", name)
		}
		numbers[i] = value
	}
	n, rows, threads, reps := numbers[0], numbers[1], numbers[2], numbers[3]
	if rows > n {
		return fmt.Errorf("rows: more than n")
	}
	runtime.GOMAXPROCS(threads)

	a, err := load(args[1], rows, n)
	if err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	b, err := load(args[2], n, n)
	if err != nil {
		return fmt.Errorf("%s: %w", args[2], err)
	}
	c := make([]float64, rows*n)

	for range reps {
		start := time.Now()
		multiply(a, b, c, n, rows, threads)
		if _, err := fmt.Println(max(1, time.Since(start).Nanoseconds())); err != nil {
			return err
		}
	}
	return save(args[3], c)
}

// load reads the first rows*n values, a row at a time; the file may be longer.
func load(path string, rows, n int) ([]float64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	values := make([]float64, rows*n)
	reader := bufio.NewReaderSize(file, 1<<20)
	row := make([]byte, n*8)
	for i := range rows {
		if _, err := io.ReadFull(reader, row); err != nil {
			return nil, err
		}
		for j := range n {
			values[i*n+j] = math.Float64frombits(binary.LittleEndian.Uint64(row[j*8:]))
		}
	}
	return values, nil
}

// save checks Flush and Close too: a full disk may show only there.
func save(path string, values []float64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := bufio.NewWriterSize(file, 1<<20)
	var bytes [8]byte
	for _, value := range values {
		binary.LittleEndian.PutUint64(bytes[:], math.Float64bits(value))
		writer.Write(bytes[:]) // an error is kept, and Flush returns it
	}
	if err := writer.Flush(); err != nil {
		return err
	}
	return file.Close()
}
