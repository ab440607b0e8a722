#include "engine/expression/regex.h"

#include <array>
#include <fmt/core.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace streamwright {

namespace {

// Steps of one match before it is given up, and bytes of its stack.
constexpr uint32_t kMatchLimit = 2'000'000;
constexpr uint32_t kDepthLimit = 100'000;
constexpr uint32_t kHeapLimitKiB = 20'000;
constexpr size_t kJitStackBytes = 512 * 1024;

constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;

std::string errorText(int code)
{
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

}

Result<std::shared_ptr<Regex>> Regex::compile(std::string_view javaPattern)
{
    // 1. Java's pattern as PCRE2's.
    const auto pattern = patternFromJava(javaPattern);
    if (!pattern) return pattern.error();

    // 2. Compiled; `.` and `$` take \n, \r and \r\n for line ends.
    std::shared_ptr<Regex> regex(new Regex());
    auto* compile = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(compile, PCRE2_NEWLINE_ANYCRLF);
    int error = 0;
    PCRE2_SIZE where = 0;
    regex->code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern->data()), pattern->size(), kOptions, &error, &where, compile);
    pcre2_compile_context_free(compile);
    if (!regex->code_) return mistake(fmt::format("regular expression is not valid: {} in \"{}\"", errorText(error), javaPattern));

    // 3. Room for its matches.
    regex->jit_ = pcre2_jit_compile(regex->code_, PCRE2_JIT_COMPLETE) == 0;
    regex->match_ = pcre2_match_data_create_from_pattern(regex->code_, nullptr);
    regex->context_ = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(regex->context_, kMatchLimit);
    pcre2_set_depth_limit(regex->context_, kDepthLimit);
    pcre2_set_heap_limit(regex->context_, kHeapLimitKiB);
    if (regex->jit_) {
        regex->stack_ = pcre2_jit_stack_create(32 * 1024, kJitStackBytes, nullptr);
        pcre2_jit_stack_assign(regex->context_, nullptr, regex->stack_);
    }
    uint32_t groups = 0;
    pcre2_pattern_info(regex->code_, PCRE2_INFO_CAPTURECOUNT, &groups);
    regex->groups_ = groups;
    regex->offsets_ = pcre2_get_ovector_pointer(regex->match_);
    return regex;
}

Regex::~Regex()
{
    pcre2_match_data_free(match_);
    pcre2_match_context_free(context_);
    pcre2_jit_stack_free(stack_);
    pcre2_code_free(code_);
}

Regex::Outcome Regex::find(std::string_view text, size_t from)
{
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data() ? text.data() : "");
    const int matched = pcre2_match(code_, subject, text.size(), from, 0, match_, context_);
    if (matched >= 0) return Outcome::Found;
    return matched == PCRE2_ERROR_NOMATCH ? Outcome::NotFound : Outcome::TooHard;
}

size_t Regex::begin(size_t group) const { return offsets_[2 * group] == PCRE2_UNSET ? std::string_view::npos : offsets_[2 * group]; }
// `\K` does not exist in Java, so an end never stands before its begin.
size_t Regex::end(size_t group) const { return offsets_[2 * group + 1]; }

std::string_view Regex::group(std::string_view text, size_t group) const
{
    const size_t from = begin(group);
    return from == std::string_view::npos ? std::string_view() : text.substr(from, end(group) - from);
}

size_t Regex::groupNumber(const std::string& name) const
{
    const int number = pcre2_substring_number_from_name(code_, reinterpret_cast<PCRE2_SPTR>(name.c_str()));
    return number > 0 ? static_cast<size_t>(number) : 0;
}

const Result<std::shared_ptr<Regex>>& RegexCache::get(std::string_view pattern)
{
    if (last_ < patterns_.size() && patterns_[last_].first == pattern) return patterns_[last_].second;
    for (size_t i = 0; i < patterns_.size(); ++i) {
        if (patterns_[i].first == pattern) {
            last_ = i;
            return patterns_[i].second;
        }
    }
    if (patterns_.size() < kPatterns) {
        last_ = patterns_.size();
        patterns_.emplace_back(std::string(pattern), Regex::compile(pattern));
    } else {
        last_ = replace_++ % kPatterns;
        patterns_[last_] = {std::string(pattern), Regex::compile(pattern)};
    }
    return patterns_[last_].second;
}

}
