// What the fast rungs ask of the machine: the sizes of its caches, and a queue of numbered tasks for all threads.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// cacheSizes gives the bytes of the first CPU's data caches; Linux says them, and elsewhere common sizes must do.
func cacheSizes() (l1, l2, l3 int) {
	sizes := [4]int{0, 32 << 10, 1 << 20, 16 << 20}
	for index := range 8 {
		read := func(name string) string {
			text, _ := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, name))
			return strings.TrimSpace(string(text))
		}
		level, _ := strconv.Atoi(read("level"))
		kilobytes, _ := strconv.Atoi(strings.TrimSuffix(read("size"), "K"))
		if level >= 1 && level <= 3 && kilobytes > 0 && read("type") != "Instruction" {
			sizes[level] = kilobytes << 10
		}
	}
	return sizes[1], sizes[2], sizes[3]
}

// inParallel calls do once for each task, started in order, on at most `workers` goroutines numbered from 0.
func inParallel(workers, tasks int, do func(worker, task int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for worker := range min(workers, tasks) {
		group.Add(1)
		go func() {
			defer group.Done()
			for task := next.Add(1) - 1; task < int64(tasks); task = next.Add(1) - 1 {
				do(worker, int(task))
			}
		}()
	}
	group.Wait()
}

func ceilDiv(x, y int) int { return (x + y - 1) / y }

func roundUp(x, unit int) int { return ceilDiv(x, unit) * unit }
