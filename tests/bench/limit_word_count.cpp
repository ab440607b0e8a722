// The limit of a word count: limit_word_count FILE. Two threads, each with its half of the file and a table of
// its own, 64 bytes of text at a time; the tables are added at the end.
#include "tests/bench/limit.h"

#include <memory>
#include <thread>

namespace {

void count(const limit::Input& input, int64_t from, int64_t to, limit::Table& table)
{
    limit::readLines(input, from, to, [&](const char* begin, const char* end) {
        const char* word = begin;
        for (const char* at = begin; at < end; at += 64) {
            uint64_t ends = limit::maskOf(at, ' ', '\n');
            if (end - at < 64) ends &= (uint64_t{1} << (end - at)) - 1;
            for (; ends != 0; ends &= ends - 1) {
                const char* stop = at + __builtin_ctzll(ends);
                if (stop > word) {
                    const limit::Key key = limit::keyOf(word, static_cast<size_t>(stop - word));
                    ++table.find(key, key.hash()).count;
                }
                word = stop + 1;
            }
        }
    });
}

uint64_t fnv(const std::string& text)
{
    uint64_t hash = 0xCBF29CE484222325ull;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return hash;
}

}

int main(int arguments, char** argument)
{
    if (arguments != 2) {
        std::fputs("usage: limit_word_count FILE\n", stderr);
        return 2;
    }
    const limit::Input input(argument[1]);
    const int64_t middle = limit::lineStart(input, input.size / 2);
    limit::Table first(1 << 18), second(1 << 18);
    std::thread other([&] { count(input, middle, input.size, second); });
    count(input, 0, middle, first);
    other.join();
    second.each([&](const limit::Slot& slot) { first.find(slot.key, slot.key.hash()).count += slot.count; });
    uint64_t words = 0, checksum = 0;
    first.each([&](const limit::Slot& slot) {
        words += slot.count;
        checksum += limit::mix(fnv(slot.key.text()) + slot.count);
    });
    std::printf("{\"words\": %llu, \"distinct\": %zu, \"checksum\": \"%016llx\"}\n", static_cast<unsigned long long>(words), first.size(), static_cast<unsigned long long>(checksum));
}
