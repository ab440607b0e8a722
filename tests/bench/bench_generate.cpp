// Data of the benchmarks. Every record is a pure function of (seed, index), so any program can make the same.
//   bench_generate text LINES VOCABULARY SEED   words of 2 to 10 letters by Zipf's law, 5 to 15 a line
//   bench_generate grep LINES SEED              lines of 100 bytes, one in 1,000 holds NEEDLE77
//   bench_generate keys ROWS KEYS SEED          one key of 16 bytes a line: k and 15 hexadecimal digits
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

// Draw `k` (below 16) of record i.
uint64_t draw(uint64_t seed, uint64_t i, uint64_t k) { return mix(mix(seed) + i * 16 + k); }

uint64_t below(uint64_t random, uint64_t bound) { return ((random >> 32) * bound) >> 32; }

class Output {
public:
    ~Output() { flush(); }
    void add(const std::string& text)
    {
        pending_ += text;
        if (pending_.size() > 1 << 20) flush();
    }

private:
    void flush()
    {
        std::fwrite(pending_.data(), 1, pending_.size(), stdout);
        pending_.clear();
    }
    std::string pending_;
};

std::string wordOf(uint64_t seed, uint64_t rank)
{
    uint64_t letters = draw(seed ^ 0x77, rank, 0);
    const uint64_t size = 2 + letters % 9;
    letters = draw(seed ^ 0x77, rank, 1);
    std::string word;
    for (uint64_t i = 0; i < size; ++i) {
        word += static_cast<char>('a' + letters % 26);
        letters /= 26;
        if (i == 8) letters = draw(seed ^ 0x77, rank, 2);
    }
    return word;
}

void makeText(uint64_t lines, uint64_t vocabulary, uint64_t seed)
{
    std::vector<uint64_t> cumulated(vocabulary);
    std::vector<std::string> words(vocabulary);
    uint64_t total = 0;
    for (uint64_t rank = 0; rank < vocabulary; ++rank) {
        total += (1ull << 40) / (rank + 1);
        cumulated[rank] = total;
        words[rank] = wordOf(seed, rank);
    }
    Output out;
    for (uint64_t i = 0; i < lines; ++i) {
        const uint64_t count = 5 + below(draw(seed, i, 0), 11);
        std::string line;
        for (uint64_t j = 0; j < count; ++j) {
            const auto at = static_cast<uint64_t>((static_cast<unsigned __int128>(draw(seed ^ 0x51, i, j)) * total) >> 64);
            if (j > 0) line += ' ';
            line += words[static_cast<size_t>(std::upper_bound(cumulated.begin(), cumulated.end(), at) - cumulated.begin())];
        }
        out.add(line + '\n');
    }
}

void makeGrep(uint64_t lines, uint64_t seed)
{
    Output out;
    for (uint64_t i = 0; i < lines; ++i) {
        std::string line(100, ' ');
        for (uint64_t j = 0; j < 99; ++j) {
            if (j % 8 != 7) line[j] = static_cast<char>('a' + draw(seed, i * 8 + j / 13, j % 13) % 26);
        }
        if (below(draw(seed ^ 0x9, i, 0), 1000) == 0) std::memcpy(&line[below(draw(seed ^ 0x9, i, 1), 90)], "NEEDLE77", 8);
        line[99] = '\n';
        out.add(line);
    }
}

void makeKeys(uint64_t rows, uint64_t keys, uint64_t seed)
{
    Output out;
    for (uint64_t i = 0; i < rows; ++i) {
        char key[24];
        std::snprintf(key, sizeof(key), "k%015llx\n", static_cast<unsigned long long>(mix(below(draw(seed, i, 0), keys)) >> 4));
        out.add(key);
    }
}

}

int main(int count, char** arguments)
{
    const std::string kind = count > 1 ? arguments[1] : "";
    const auto number = [&](int i) { return i < count ? std::strtoull(arguments[i], nullptr, 10) : 0; };
    if (kind == "text" && count == 5) makeText(number(2), number(3), number(4));
    else if (kind == "grep" && count == 4) makeGrep(number(2), number(3));
    else if (kind == "keys" && count == 5) makeKeys(number(2), number(3), number(4));
    else {
        std::fputs("usage: bench_generate text LINES VOCABULARY SEED | grep LINES SEED | keys ROWS KEYS SEED\n", stderr);
        return 2;
    }
}
