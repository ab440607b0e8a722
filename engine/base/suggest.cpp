#include "engine/base/suggest.h"

#include <algorithm>
#include <cctype>

namespace streamwright {

namespace {

// Optimal string alignment distance: edits and neighbours swapped.
size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t cost = std::tolower(static_cast<unsigned char>(a[i - 1])) == std::tolower(static_cast<unsigned char>(b[j - 1])) ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

}

std::string didYouMean(std::string_view written, const std::vector<std::string>& known)
{
    if (written.size() > 100) return {};
    const std::string* best = nullptr;
    size_t bestDistance = std::max<size_t>(1, written.size() / 3) + 1;
    for (const std::string& name : known) {
        if (name.size() > 100) continue;
        const size_t d = distance(written, name);
        if (d < bestDistance) {
            bestDistance = d;
            best = &name;
        }
    }
    return best ? "did you mean \"" + *best + "\"?" : std::string();
}

}
