#include "engine/expression/csv_fields.h"

namespace streamwright {

namespace {

bool isBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

}

void CsvFields::read(std::string_view text)
{
    count_ = 0;
    if (text.empty() || text[0] == '\n') return;
    size_t at = 0;
    while (true) {
        at = readField(text, at);
        if (at >= text.size() || text[at] == '\n') return;
        ++at;
    }
}

size_t CsvFields::readField(std::string_view text, size_t at)
{
    if (count_ == fields_.size()) fields_.emplace_back();
    CsvField& field = fields_[count_++];
    field.text.clear();
    while (trimLeading_ && !ends(text, at) && isBlank(text[at])) ++at;
    size_t end = std::string_view::npos;
    if (options_.quote && !ends(text, at) && text[at] == options_.quote) {
        end = readQuoted(text, at + 1, field.text);
        if (end != std::string_view::npos && field.text.empty()) field.text = options_.emptyValue.value_or("");
    }
    if (end == std::string_view::npos) {
        end = at;
        while (!ends(text, end)) ++end;
        field.text = text.substr(at, end - at);
        while (trimTrailing_ && !field.text.empty() && isBlank(field.text.back())) field.text.pop_back();
        if (field.text.empty()) field.text = options_.nullValue;
    }
    field.null = field.text == options_.nullValue;
    return end;
}

size_t CsvFields::readQuoted(std::string_view text, size_t at, std::string& out) const
{
    const char quote = options_.quote, escape = options_.escape;
    char previous = '\0';
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (previous == quote && (ends(text, at) || isBlank(c))) break;
        if (c != quote && c != escape) {
            if (previous == quote) return std::string_view::npos;
            if (previous == escape && escape) out += escape;
            out += c;
            previous = c;
        } else if (c == escape && previous == escape && escape != quote) {
            out += escape;
            previous = '\0';
        } else if (previous == escape && escape) {
            out += c;
            previous = '\0';
        } else if (c == quote && previous == quote) {
            out += quote;
        } else if (previous == quote) {
            return std::string_view::npos;
        } else {
            previous = c;
        }
    }
    while (at < text.size() && !ends(text, at) && isBlank(text[at])) ++at;
    return ends(text, at) ? at : std::string_view::npos;
}

}
