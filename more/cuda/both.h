// Functions that the device and the host compute alike: the tests run them on the CPU.
#ifndef BOTH_H
#define BOTH_H

#ifdef __CUDACC__
#define BOTH __host__ __device__ __forceinline__
#else
#define BOTH inline
#endif

#endif
