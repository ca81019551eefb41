// What the fast rungs ask of the machine: the sizes of its caches, and a queue of numbered tasks for all threads.
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// cacheBytes gives what one of `threads` threads has of the data cache of a level: its size by those of our threads that
// share it; `otherwise` where the system does not tell.
func cacheBytes(level, threads, otherwise int) int {
	ours := allowedProcessors()
	if len(ours) == 0 {
		return otherwise
	}
	for index := range 8 {
		read := func(name string) string {
			text, _ := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/cache/index%d/%s", ours[0], index, name))
			return strings.TrimSpace(string(text))
		}
		kilobytes, err := strconv.Atoi(strings.TrimSuffix(read("size"), "K"))
		if err != nil || read("level") != strconv.Itoa(level) || read("type") == "Instruction" {
			continue
		}
		sharing := 0
		for _, cpu := range processors(read("shared_cpu_list")) {
			if slices.Contains(ours, cpu) {
				sharing++
			}
		}
		return kilobytes << 10 / max(1, min(sharing, threads))
	}
	return otherwise
}

func allowedProcessors() []int {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ := strings.Cut(after, "\n")
	return processors(strings.TrimSpace(list))
}

// processors gives the numbers in a list such as "0-3,8-11".
func processors(list string) (found []int) {
	for _, ends := range strings.Split(list, ",") {
		from, to, isRange := strings.Cut(ends, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		for cpu := first; err == nil && err2 == nil && cpu <= last; cpu++ {
			found = append(found, cpu)
		}
	}
	return found
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
