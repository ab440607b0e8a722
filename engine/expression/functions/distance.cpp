// How alike texts are or sound.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/utf8.h"

namespace streamwright {

namespace {

std::u32string codePoints(std::string_view text)
{
    std::u32string points;
    for (size_t at = 0; at < text.size(); at += characterSize(text, at)) points += codePointAt(text, at);
    return points;
}

// Insertions, deletions and replacements that make one from the other. Texts can be long: the stop is asked
// for each character of `a`.
int32_t levenshtein(const Call& call, const std::u32string& a, const std::u32string& b, std::vector<int32_t>& row)
{
    row.resize(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int32_t>(j);
    for (size_t i = 1; i <= a.size(); ++i) {
        checkStop(call);
        int32_t diagonal = row[0];
        row[0] = static_cast<int32_t>(i);
        for (size_t j = 1; j <= b.size(); ++j) {
            const int32_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

ColumnPtr levenshteinRows(const Call& call)
{
    std::vector<int32_t> scratch;
    const int32_t* thresholds = call.arguments.size() > 2 ? call.arguments[2]->values<int32_t>() : nullptr;
    return mapChecked<int32_t, StringRef, StringRef>(call, [&](size_t row, const StringRef& a, const StringRef& b) -> std::optional<int32_t> {
        const int32_t distance = levenshtein(call, codePoints(a.view()), codePoints(b.view()), scratch);
        return thresholds && distance > thresholds[row] ? -1 : distance;
    });
}

double jaro(const Call& call, const std::u32string& a, const std::u32string& b)
{
    if (a.empty() && b.empty()) return 1;
    if (a.empty() || b.empty()) return 0;
    const size_t longest = std::max(a.size(), b.size());
    const size_t window = longest / 2 > 0 ? longest / 2 - 1 : 0;
    std::vector<bool> takenA(a.size()), takenB(b.size());
    double matches = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        checkStop(call);
        for (size_t j = i > window ? i - window : 0; j < std::min(b.size(), i + window + 1); ++j) {
            if (takenB[j] || a[i] != b[j]) continue;
            takenA[i] = takenB[j] = true;
            ++matches;
            break;
        }
    }
    if (matches == 0) return 0;
    double swapped = 0;
    for (size_t i = 0, j = 0; i < a.size(); ++i) {
        if (!takenA[i]) continue;
        while (!takenB[j]) ++j;
        if (a[i] != b[j++]) ++swapped;
    }
    return (matches / static_cast<double>(a.size()) + matches / static_cast<double>(b.size()) + (matches - swapped / 2) / matches) / 3;
}

ColumnPtr jaroWinkler(const Call& call)
{
    return mapChecked<double, StringRef, StringRef>(call, [&](size_t, const StringRef& first, const StringRef& second) -> std::optional<double> {
        const std::u32string a = codePoints(first.view()), b = codePoints(second.view());
        const double similarity = jaro(call, a, b);
        if (similarity < 0.7) return similarity;
        size_t prefix = 0;
        while (prefix < 4 && prefix < a.size() && prefix < b.size() && a[prefix] == b[prefix]) ++prefix;
        return similarity + static_cast<double>(prefix) * 0.1 * (1 - similarity);
    });
}

// Codes of A to Z; 7 stands for H and W, which separate nothing.
constexpr std::string_view kSoundexCodes = "01230127022455012623017202";

ColumnPtr soundex(const Call& call)
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        const auto letter = [&](size_t i) { return text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 32) : text[i]; };
        const auto isLetter = [](char c) { return c >= 'A' && c <= 'Z'; };
        if (text.empty() || !isLetter(letter(0))) return out.pushText(text);
        char code[4] = {letter(0), '0', '0', '0'};
        size_t filled = 1;
        char last = kSoundexCodes[static_cast<size_t>(letter(0) - 'A')];
        for (size_t i = 1; i < text.size() && filled < 4; ++i) {
            if (!isLetter(letter(i))) {
                last = '0';
                continue;
            }
            const char now = kSoundexCodes[static_cast<size_t>(letter(i) - 'A')];
            if (now == '7') continue;
            if (now != '0' && now != last) code[filled++] = now;
            last = now;
        }
        out.pushText({code, 4});
    });
}

// The check digit of card numbers: every second digit from the right doubled.
ColumnPtr luhn(const Call& call)
{
    return mapRows<uint8_t, StringRef>(call, [](const StringRef& text) {
        int sum = 0;
        bool doubled = false;
        for (size_t i = text.size(); i-- > 0; doubled = !doubled) {
            const char c = text.view()[i];
            if (c < '0' || c > '9') return false;
            const int digit = (c - '0') * (doubled ? 2 : 1);
            sum += digit > 9 ? digit - 9 : digit;
        }
        return text.size() > 0 && sum % 10 == 0;
    });
}

}

void addTextDistance(std::vector<Function>& all)
{
    const Type text = TypeKind::String;
    all.push_back({.name = "levenshtein", .family = "text", .usage = "levenshtein(a, b[, limit])", .help = "How many characters must be inserted, deleted or replaced to get from one text to the other; -1 when more than the limit.", .example = {"levenshtein('kitten', 'sitting')", "3"}, .resolve = takes("levenshtein", {text, text, TypeKind::Int}, TypeKind::Int, 1), .evaluate = levenshteinRows});
    all.push_back({.name = "jaro_winkler_similarity", .family = "text", .usage = "jaro_winkler_similarity(a, b)", .help = "How alike two texts are, from 0 to 1, a common start counting more.", .example = {"jaro_winkler_similarity('ABC', 'ABC')", "1.0"}, .resolve = takes("jaro_winkler_similarity", {text, text}, TypeKind::Double), .evaluate = jaroWinkler});
    all.push_back({.name = "soundex", .family = "text", .usage = "soundex(text)", .help = "A code that words which sound alike in English share.", .example = {"soundex('Miller')", "\"M460\""}, .resolve = takes("soundex", {text}, text), .evaluate = soundex});
    all.push_back({.name = "luhn_check", .family = "text", .usage = "luhn_check(digits)", .help = "Whether a number's check digit is right, as on payment cards.", .example = {"luhn_check('79927398713')", "true"}, .resolve = takes("luhn_check", {text}, TypeKind::Boolean), .evaluate = luhn});
}

}
