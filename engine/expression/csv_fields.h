// The fields of one CSV record as Spark's parser cuts them: the escape is a backslash unless told, and a field with
// a quote that nothing escapes stays as it is written.
#pragma once
#include "engine/expression/text_options.h"

#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

struct CsvField {
    std::string text;
    bool null = false;      // nothing, or the null value
};

class CsvFields {
public:
    explicit CsvFields(const TextOptions& options) : options_(options), trimLeading_(options.trimLeading.value_or(false)), trimTrailing_(options.trimTrailing.value_or(false)) {}

    // Cuts the first line of the text; nothing comes of blank text.
    void read(std::string_view text);
    size_t size() const { return count_; }
    const CsvField& operator[](size_t i) const { return fields_[i]; }

private:
    size_t readField(std::string_view text, size_t at);
    // Where the field ends, or npos when a quote in it is not escaped.
    size_t readQuoted(std::string_view text, size_t at, std::string& out) const;
    bool ends(std::string_view text, size_t at) const { return at >= text.size() || text[at] == options_.separator || text[at] == '\n'; }

    const TextOptions& options_;
    bool trimLeading_;
    bool trimTrailing_;
    std::vector<CsvField> fields_;      // their memory is used again
    size_t count_ = 0;
};

}
