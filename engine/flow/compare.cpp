#include "engine/flow/rows.h"
#include "engine/pipeline/json.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

// Rows shown before and behind the first difference.
constexpr size_t kBefore = 3;
constexpr size_t kBehind = 12;
constexpr size_t kWidest = 80;

bool equals(const ExpectedRow& expected, const std::string& actual)
{
    if (!expected.part) return expected.text == actual;
    const auto read = readJson(actual);
    const Json* row = std::get_if<Json>(&read);
    return row && std::ranges::all_of(expected.part->members(), [row](const auto& member) {
        const Json* value = row->find(member.first);
        return value && *value == member.second;
    });
}

// The expected rows in the order in which they came, the missing ones behind.
std::vector<ExpectedRow> matched(std::vector<ExpectedRow> expected, std::vector<std::string>& actual)
{
    std::vector<ExpectedRow> found;
    std::vector<std::string> equal, strange;
    for (std::string& row : actual) {
        const auto at = std::ranges::find_if(expected, [&row](const ExpectedRow& one) { return equals(one, row); });
        if (at == expected.end()) {
            strange.push_back(std::move(row));
            continue;
        }
        found.push_back(std::move(*at));
        expected.erase(at);
        equal.push_back(std::move(row));
    }
    for (ExpectedRow& row : expected) found.push_back(std::move(row));
    for (std::string& row : strange) equal.push_back(std::move(row));
    actual = std::move(equal);
    return found;
}

size_t shownWidth(std::string_view text) { return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; })); }

std::string table(const std::vector<std::string>& left, const std::vector<std::string>& right, const std::vector<bool>& same)
{
    const auto differs = static_cast<size_t>(std::ranges::find(same, false) - same.begin());
    const size_t from = differs > kBefore ? differs - kBefore : 0, until = std::min(same.size(), differs + kBehind);
    size_t width = 8;
    for (size_t i = from; i < std::min(until, left.size()); ++i) width = std::max(width, shownWidth(left[i]));
    width = std::min(width, kWidest);
    std::string text = fmt::format("      {:<{}}     {}\n", "expected", width, "actual");
    if (from > 0) text += fmt::format("      ({} equal)\n", from);
    for (size_t i = from; i < until; ++i) {
        const std::string expected = i < left.size() ? left[i] : "", actual = i < right.size() ? right[i] : "";
        const char* mark = same[i] ? " " : i >= left.size() ? ">" : i >= right.size() ? "<" : "|";
        const size_t pad = width > shownWidth(expected) ? width - shownWidth(expected) : 0;
        text += fmt::format("      {}{}  {}  {}\n", expected, std::string(pad, ' '), mark, actual);
    }
    if (until < same.size()) text += fmt::format("      ({} more)\n", same.size() - until);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

}

std::string sideBySide(const std::vector<std::string>& expected, const std::vector<std::string>& actual)
{
    std::vector<bool> same(std::max(expected.size(), actual.size()));
    for (size_t i = 0; i < same.size(); ++i) same[i] = i < expected.size() && i < actual.size() && expected[i] == actual[i];
    return table(expected, actual, same);
}

std::optional<Difference> compareRows(const std::vector<ExpectedRow>& expected, const std::vector<std::string>& actual, RowOrder order)
{
    std::vector<std::string> came = actual;
    const std::vector<ExpectedRow> wanted = order == RowOrder::Any ? matched(expected, came) : expected;
    std::vector<bool> same(std::max(wanted.size(), came.size()));
    for (size_t i = 0; i < same.size(); ++i) same[i] = i < wanted.size() && i < came.size() && equals(wanted[i], came[i]);
    const auto first = static_cast<size_t>(std::ranges::find(same, false) - same.begin());
    if (first == same.size()) return std::nullopt;
    std::vector<std::string> texts;
    for (const ExpectedRow& row : wanted) texts.push_back(row.text);
    return Difference{first < wanted.size() ? wanted[first].line : 0, table(texts, came, same)};
}

}
