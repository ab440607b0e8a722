// The last window of slide_bench.py's stream, each of its rows looked at again:
//   limit_window_slides ROWS_PER_SLIDE WINDOW_SLIDES SLIDES
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr uint64_t kSeed = 42;
constexpr uint64_t kKeys = 10'000;
constexpr uint64_t kValues = 1009;

// SplitMix64: the random numbers of source.generate, and the checksum.
uint64_t mixed(uint64_t z)
{
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

struct Total {
    uint64_t count = 0;
    uint64_t sum = 0;
    uint64_t least = kValues;
    uint64_t most = 0;
};

}

int main(int arguments, char** argument)
{
    if (arguments < 4) {
        std::fputs("usage: limit_window_slides ROWS_PER_SLIDE WINDOW_SLIDES SLIDES\n", stderr);
        return 2;
    }
    const uint64_t rows = std::strtoull(argument[1], nullptr, 10);
    const uint64_t length = std::strtoull(argument[2], nullptr, 10);
    const uint64_t slides = std::strtoull(argument[3], nullptr, 10);
    std::vector<Total> totals(kKeys);
    for (uint64_t row = (slides - length) * rows; row < slides * rows; ++row) {
        const uint64_t random = mixed(kSeed + row * 0x9E3779B97F4A7C15ull) >> 1;
        const uint64_t value = random % kValues;
        Total& total = totals[random % kKeys];
        ++total.count;
        total.sum += value;
        total.least = std::min(total.least, value);
        total.most = std::max(total.most, value);
    }
    uint64_t sums = 0;
    uint64_t extremes = 0;
    for (uint64_t key = 0; key < kKeys; ++key) {
        const Total& total = totals[key];
        if (total.count == 0) continue;
        sums += mixed(mixed(key * 31 + total.count) + total.sum);
        extremes += mixed(mixed(key * 31 + total.least) + total.most);
    }
    std::printf("{\"sums\": \"%016llx\", \"extremes\": \"%016llx\"}\n", static_cast<unsigned long long>(sums), static_cast<unsigned long long>(extremes));
}
