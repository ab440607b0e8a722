#include "engine/control/grid.h"

#include "engine/columns/compare.h"
#include "engine/columns/print.h"

#include <algorithm>
#include <unordered_set>

namespace streamwright {

namespace {

// The start of `text` that ends with a whole UTF-8 character.
size_t wholeCharacters(std::string_view text, size_t most)
{
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return most;
}

int64_t charactersOf(std::string_view text)
{
    return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::string textOf(const Column& column, size_t row, const CellStyle& style)
{
    std::string text;
    appendText(column, row, style.timeZone, text);
    return style.redact ? style.redact(std::move(text)) : text;
}

Cell cut(std::string text)
{
    Cell cell;
    if (text.size() > kMostCellBytes) {
        cell.cutFrom = static_cast<int64_t>(text.size());
        text.resize(wholeCharacters(text, kMostCellBytes));
        text.shrink_to_fit();
    }
    cell.text = std::move(text);
    return cell;
}

ColumnProfile profileOf(const std::string& name, const Column& column, std::span<const uint32_t> rows, const CellStyle& style)
{
    ColumnProfile profile{.column = name};
    std::unordered_set<std::string> distinct;
    std::optional<uint32_t> least, greatest;
    for (const uint32_t row : rows) {
        if (column.isNull(row)) {
            ++profile.nulls;
            continue;
        }
        std::string text = textOf(column, row, style);
        if (column.type().is(TypeKind::String)) profile.longest = std::max(profile.longest, charactersOf(text));
        distinct.insert(std::move(text));
        if (!least || compareValues(column, row, column, *least) < 0) least = row;
        if (!greatest || compareValues(column, row, column, *greatest) > 0) greatest = row;
    }
    profile.distinct = static_cast<int64_t>(distinct.size());
    if (least) profile.least = cut(textOf(column, *least, style)).text;
    if (greatest) profile.greatest = cut(textOf(column, *greatest, style)).text;
    return profile;
}

}

Cell cellOf(const Column& column, size_t row, const CellStyle& style)
{
    if (column.isNull(row)) return {.null = true};
    return cut(textOf(column, row, style));
}

std::vector<std::vector<Cell>> cellsOf(const Batch& batch, std::span<const uint32_t> rows, const CellStyle& style)
{
    std::vector<std::vector<Cell>> grid;
    for (const uint32_t row : rows) {
        std::vector<Cell>& cells = grid.emplace_back();
        for (const ColumnPtr& column : batch.columns()) cells.push_back(cellOf(*column, row, style));
    }
    return grid;
}

std::string jsonOf(const Batch& batch, size_t row, const CellStyle& style)
{
    std::string text;
    appendJsonRow(batch, row, text);
    return style.redact ? style.redact(std::move(text)) : text;
}

std::vector<ColumnProfile> profileOf(const Batch& batch, std::span<const uint32_t> rows, const CellStyle& style, const StopToken& stop)
{
    std::vector<ColumnProfile> profiles;
    for (size_t i = 0; i < batch.columns().size(); ++i) {
        stop.check();
        profiles.push_back(profileOf(batch.schema().fields()[i].name, *batch.column(i), rows, style));
    }
    return profiles;
}

std::vector<ColumnProfile> profileOf(const TapProfile& profile, const Schema& schema, const CellStyle& style)
{
    std::vector<ColumnProfile> profiles;
    for (size_t i = 0; i < profile.columns().size(); ++i) {
        const TapProfile::Values& values = profile.columns()[i];
        ColumnProfile& shown = profiles.emplace_back(ColumnProfile{.column = schema.fields()[i].name, .nulls = values.nulls, .distinct = values.distinct.count(), .longest = values.longest});
        if (values.least) shown.least = cut(textOf(*values.least, 0, style)).text;
        if (values.greatest) shown.greatest = cut(textOf(*values.greatest, 0, style)).text;
    }
    return profiles;
}

}
