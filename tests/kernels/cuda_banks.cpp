// Prints the largest number of lanes that read from one bank of a GPU's shared memory at a time, as more/cuda places operands
// there. Shared memory has 32 banks of 4 bytes; doubles are read by half a warp at a time.
#include "tiles.h"

#include <algorithm>
#include <cstdio>

template <class place_of> static int most_in_a_bank(place_of place_in_bytes, int lanes, int width) {
    int most = 0;
    for (int first = 0; first < LANES; first += lanes) {
        int in_bank[32] = {};
        for (int lane = first; lane < first + lanes; lane++)
            for (int q = 0; q < width; q += 4)
                most = std::max(most, ++in_bank[(place_in_bytes(lane) + q) / 4 % 32]);
    }
    return most;
}

int main() {
    std::printf("%d\n", std::max({most_in_a_bank([](int lane) { return 8 * a_of_doubles(lane, 0, 0, 0); }, 16, 8),
                                  most_in_a_bank([](int lane) { return 8 * b_of_doubles(lane, 0, 0); }, 16, 8),
                                  most_in_a_bank([](int lane) { return a_of_bytes(lane, 0, 0, 0); }, 32, 4),
                                  most_in_a_bank([](int lane) { return b_of_bytes(lane, 0, 0, 0); }, 32, 4)}));
}
