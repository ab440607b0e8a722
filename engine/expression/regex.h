// Java's regular expressions on PCRE2 with its just-in-time compiler: the pattern is rewritten where Java
// means something else. Steps and memory of a match are bounded.
#pragma once
#include "engine/base/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
struct pcre2_real_jit_stack_8;

namespace streamwright {

// The same pattern as PCRE2 has to see it, or why it is none in Java.
Result<std::string> patternFromJava(std::string_view pattern);

// A compiled pattern with room for one match: belongs to one thread.
class Regex {
public:
    static Result<std::shared_ptr<Regex>> compile(std::string_view javaPattern);
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    enum class Outcome : unsigned char { Found, NotFound, TooHard };
    // The first match that begins at `from` or later.
    Outcome find(std::string_view text, size_t from);
    // Of the last match. Group 0 is the whole; a group that took no part has begin npos.
    size_t begin(size_t group = 0) const;
    size_t end(size_t group = 0) const;
    std::string_view group(std::string_view text, size_t group) const;
    size_t groupCount() const { return groups_; }
    // The number of a named group, 0 when there is none.
    size_t groupNumber(const std::string& name) const;

private:
    Regex() = default;
    pcre2_real_code_8* code_ = nullptr;
    pcre2_real_match_data_8* match_ = nullptr;
    pcre2_real_match_context_8* context_ = nullptr;
    pcre2_real_jit_stack_8* stack_ = nullptr;
    const size_t* offsets_ = nullptr;
    size_t groups_ = 0;
    bool jit_ = false;
};

// Patterns of one evaluation: a constant one is compiled once, of others the latest are remembered.
class RegexCache {
public:
    // The compiled pattern or the reason why there is none; valid until the next call.
    const Result<std::shared_ptr<Regex>>& get(std::string_view pattern);

private:
    static constexpr size_t kPatterns = 16;
    std::vector<std::pair<std::string, Result<std::shared_ptr<Regex>>>> patterns_;
    size_t last_ = 0;
    size_t replace_ = 0;
};

// Calls f(begin, end) for every match as Java's Matcher.find does; f gives false to stop. False when too hard.
template <class F>
bool eachMatch(Regex& regex, std::string_view text, size_t from, F f)
{
    while (from <= text.size()) {
        const Regex::Outcome outcome = regex.find(text, from);
        if (outcome == Regex::Outcome::TooHard) return false;
        if (outcome == Regex::Outcome::NotFound) return true;
        const size_t begin = regex.begin(), end = regex.end();
        if (!f(begin, end)) return true;
        from = end;
        if (begin == end) {
            // An empty match moves on by one character.
            ++from;
            while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
        }
    }
    return true;
}

}
