#include "engine/pipeline/json_value.h"

#include <charconv>

namespace streamwright {

Json Json::boolean(bool value)
{
    Json json;
    json.kind_ = Kind::Boolean;
    json.text_ = value ? "true" : "false";
    return json;
}

Json Json::number(std::string text)
{
    Json json;
    json.kind_ = Kind::Number;
    json.text_ = std::move(text);
    return json;
}

Json Json::integer(int64_t value)
{
    return number(std::to_string(value));
}

Json Json::string(std::string value)
{
    Json json;
    json.kind_ = Kind::String;
    json.text_ = std::move(value);
    return json;
}

Json Json::array(std::vector<Json> items)
{
    Json json;
    json.kind_ = Kind::Array;
    json.items_ = std::move(items);
    return json;
}

Json Json::object(std::vector<Member> members)
{
    Json json;
    json.kind_ = Kind::Object;
    json.members_ = std::move(members);
    return json;
}

std::optional<int64_t> Json::asInteger() const
{
    if (!isNumber()) return std::nullopt;
    int64_t value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data(), end, value);
    if (error == std::errc() && stop == end) return value;
    // `1e3` and `2.0` are whole numbers too, as far as a double holds them exactly.
    const auto real = asDouble();
    constexpr double kExact = 9007199254740992.0;
    if (!real || !(*real >= -kExact && *real <= kExact) || *real != static_cast<double>(static_cast<int64_t>(*real))) return std::nullopt;
    if (text_.find_first_of(".eE") == std::string::npos) return std::nullopt;
    return static_cast<int64_t>(*real);
}

std::optional<double> Json::asDouble() const
{
    if (!isNumber()) return std::nullopt;
    double value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

const Json* Json::find(std::string_view key) const
{
    for (const Member& member : members_) {
        if (member.first == key) return &member.second;
    }
    return nullptr;
}

Json* Json::find(std::string_view key)
{
    return const_cast<Json*>(std::as_const(*this).find(key));
}

void Json::set(std::string key, Json value)
{
    if (Json* there = find(key)) *there = std::move(value);
    else members_.emplace_back(std::move(key), std::move(value));
}

bool Json::erase(std::string_view key)
{
    for (auto it = members_.begin(); it != members_.end(); ++it) {
        if (it->first != key) continue;
        members_.erase(it);
        return true;
    }
    return false;
}

std::string_view Json::describe() const
{
    switch (kind_) {
    case Kind::Null: return "null";
    case Kind::Boolean: return "a boolean";
    case Kind::Number: return "a number";
    case Kind::String: return "text";
    case Kind::Array: return "an array";
    case Kind::Object: return "an object";
    }
    return "a value";
}

bool Json::operator==(const Json& other) const
{
    return kind_ == other.kind_ && text_ == other.text_ && items_ == other.items_ && members_ == other.members_;
}

}
