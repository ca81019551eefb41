// The monotonic clock in ns, which OCaml's own library does not offer.
#include <caml/mlvalues.h>
#include <time.h>

CAMLprim value monotonic_ns(value unit) {
    struct timespec now;
    (void)unit;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return Val_long(now.tv_sec * 1000000000L + now.tv_nsec);
}
