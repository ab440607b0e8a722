#include "engine/dataflow/named_columns.h"

#include "engine/base/suggest.h"

namespace streamwright {

Checked<size_t> columnNamed(const std::string& name, const Schema& input, std::string_view field)
{
    if (const auto index = input.indexOf(name)) return *index;
    std::string hint = didYouMean(name, input.names());
    if (hint.empty()) hint = input.size() == 0 ? "the input has no columns" : "the input has " + input.toDdl();
    return FieldError{std::string(field), name + " is not a column of the input", std::move(hint)};
}

Checked<std::vector<size_t>> columnsNamed(const std::vector<std::string>& names, const Schema& input, std::string_view field)
{
    std::vector<size_t> columns;
    for (size_t item = 0; item < names.size(); ++item) {
        auto column = columnNamed(names[item], input, field);
        if (!column) return FieldError{column.error().field, column.error().message, column.error().hint, item};
        if (std::find(columns.begin(), columns.end(), *column) != columns.end()) return FieldError{std::string(field), std::string(field) + " has " + names[item] + " twice", "", item};
        columns.push_back(*column);
    }
    return columns;
}

}
