#include "engine/flow/lines.h"

namespace streamwright {

namespace {

// Whether brackets are closed and text is ended, so that a value may be complete.
class Balance {
public:
    void add(std::string_view text)
    {
        for (const char c : text) {
            if (escaped_) {
                escaped_ = false;
            } else if (inText_) {
                if (c == '\\') escaped_ = true;
                else if (c == '"') inText_ = false;
            } else if (c == '"') {
                inText_ = true;
            } else if (c == '{' || c == '[') {
                ++depth_;
            } else if (c == '}' || c == ']') {
                --depth_;
            }
        }
        // Text of JSON ends on its line.
        inText_ = escaped_ = false;
    }
    bool closed() const { return depth_ <= 0; }

private:
    int depth_ = 0;
    bool inText_ = false;
    bool escaped_ = false;
};

void moveLines(Json& json, int by)
{
    json.setLine(json.line() + by);
    for (Json& item : json.items()) moveLines(item, by);
    for (auto& [name, member] : json.members()) moveLines(member, by);
}

}

std::string_view trimmed(std::string_view text)
{
    const size_t from = text.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

FlowLines::FlowLines(std::string_view text)
{
    while (!text.empty()) {
        const size_t end = text.find('\n');
        raw_.push_back(text.substr(0, end));
        lines_.push_back(trimmed(raw_.back()));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
}

bool FlowLines::next()
{
    while (at_ < lines_.size()) {
        ++at_;
        if (!line().empty() && line().front() != '#') return true;
    }
    return false;
}

std::variant<Json, JsonProblem> FlowLines::value(std::string_view rest)
{
    const int first = number();
    std::string text(rest);
    Balance balance;
    balance.add(rest);
    while (!balance.closed() && at_ < lines_.size()) {
        ++at_;
        text += '\n';
        if (!line().empty() && line().front() == '#') continue;
        text += line();
        balance.add(line());
    }
    auto read = readJson(text);
    if (auto* problem = std::get_if<JsonProblem>(&read)) {
        problem->line += first - 1;
    } else {
        moveLines(std::get<Json>(read), first - 1);
    }
    return read;
}

bool FlowLines::textUntilEnd(std::string& text)
{
    text.assign(at_, '\n');
    while (at_ < lines_.size()) {
        ++at_;
        if (line() == "end") return true;
        text += raw_[at_ - 1];
        text += '\n';
    }
    return false;
}

}
