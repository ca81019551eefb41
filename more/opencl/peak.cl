// WIDTH is the device's own number of doubles in a vector: 1 on GPUs, whose work-items are the lanes.
#pragma OPENCL EXTENSION cl_khr_fp64 : enable

#if WIDTH >= 8
typedef double8 vector;
#define FIRST(v) v.s0
#elif WIDTH >= 4
typedef double4 vector;
#define FIRST(v) v.s0
#elif WIDTH >= 2
typedef double2 vector;
#define FIRST(v) v.s0
#else
typedef double vector;
#define FIRST(v) v
#endif

#define TWELVE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define START(i) vector sum##i = start + i;
#define STEP(i) sum##i = fma(sum##i, (vector)factor, (vector)addend);
#define ADD(i) sum += FIRST(sum##i);

// Twelve chains of multiply-adds, which hide the latency of one: each converges to 1, so that none becomes subnormal. They
// begin with different values, since a compiler would compute equal chains once.
kernel void multiply_add(global double *sums, double factor, double addend, int steps) {
    const double start = get_global_id(0) % 64;
    TWELVE(START)
    for (int step = 0; step < steps; step++) { TWELVE(STEP) }
    double sum = 0;
    TWELVE(ADD)
    sums[get_global_id(0)] = sum;
}

kernel void fill(global double *values) {
    values[get_global_id(0)] = get_global_id(0);
}

kernel void copy(global double *to, global const double *from) {
    to[get_global_id(0)] = from[get_global_id(0)];
}
