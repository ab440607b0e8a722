// The limit of a grep: limit_grep FILE [THREADS]. memmem over the file, a count of the lines that hold NEEDLE77.
#include "tests/bench/limit.h"

#include <atomic>
#include <string_view>
#include <thread>

int main(int arguments, char** argument)
{
    if (arguments < 2) {
        std::fputs("usage: limit_grep FILE [THREADS]\n", stderr);
        return 2;
    }
    constexpr std::string_view kNeedle = "NEEDLE77";
    const limit::Input input(argument[1]);
    const int threads = arguments > 2 ? std::atoi(argument[2]) : 2;
    std::atomic<uint64_t> hits{0};
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
        const int64_t from = limit::lineStart(input, input.size / threads * i);
        const int64_t to = i + 1 == threads ? input.size : limit::lineStart(input, input.size / threads * (i + 1));
        all.emplace_back([&, from, to] {
            uint64_t found = 0;
            limit::readLines(input, from, to, [&](const char* begin, const char* end) {
                while (const void* hit = ::memmem(begin, static_cast<size_t>(end - begin), kNeedle.data(), kNeedle.size())) {
                    ++found;
                    const char* at = static_cast<const char*>(hit);
                    begin = static_cast<const char*>(::memchr(at, '\n', static_cast<size_t>(end - at))) + 1;
                }
            });
            hits += found;
        });
    }
    for (std::thread& thread : all) thread.join();
    std::printf("{\"hits\": %llu}\n", static_cast<unsigned long long>(hits.load()));
}
