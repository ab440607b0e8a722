#include "engine/expression/regex.h"
#include "engine/expression/utf8.h"

#include <array>
#include <fmt/core.h>

namespace streamwright {

namespace {

// Java's names of POSIX classes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kPosixClasses{{
    {"Lower", "lower"}, {"Upper", "upper"}, {"ASCII", "ascii"}, {"Alpha", "alpha"}, {"Digit", "digit"}, {"Alnum", "alnum"}, {"Punct", "punct"},
    {"Graph", "graph"}, {"Print", "print"}, {"Blank", "blank"}, {"Cntrl", "cntrl"}, {"XDigit", "xdigit"}, {"Space", "space"},
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kJavaClasses{{
    {"javaLowerCase", "Ll"}, {"javaUpperCase", "Lu"}, {"javaWhitespace", "Xps"}, {"javaDigit", "Nd"}, {"javaLetter", "L"}, {"javaAlphabetic", "L"},
}};

// Rewrites a pattern from left to right.
class Translator {
public:
    explicit Translator(std::string_view pattern) : pattern_(pattern) {}

    Result<std::string> run()
    {
        while (at_ < pattern_.size() && error_.empty()) {
            const char c = pattern_[at_];
            if (c == '\\') out_ += escape(false);
            else if (c == '[') out_ += characterClass();
            else if (c == '(') group();
            else {
                out_ += c;
                ++at_;
            }
        }
        if (!error_.empty()) return mistake(fmt::format("regular expression is not valid: {} in \"{}\"", error_, pattern_));
        return std::move(out_);
    }

private:
    bool startsWith(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
    void fail(std::string reason)
    {
        if (error_.empty()) error_ = std::move(reason);
        at_ = pattern_.size();
    }

    // An escape at a backslash, as PCRE2 writes it.
    std::string escape(bool inClass)
    {
        if (at_ + 1 >= pattern_.size()) {
            fail("a single backslash at the end");
            return {};
        }
        const char c = pattern_[at_ + 1];
        if (c == 'Q') return quoted();
        if (c == 'p' || c == 'P') return property(inClass);
        at_ += 2;
        if (c == 'u') return hexEscape(4);
        if (c == '0') return octal();
        if (c == 'x' && at_ < pattern_.size() && pattern_[at_] != '{') return hexEscape(2);
        if (c == 'K' || c == 'C' || c == 'g' || c == 'y' || c == 'i' || c == 'j' || c == 'l' || c == 'm' || c == 'o' || c == 'q') fail(fmt::format("unknown escape \\{}", c));
        return {'\\', c};
    }

    std::string quoted()
    {
        const size_t from = at_ + 2;
        const size_t end = std::min(pattern_.find("\\E", from), pattern_.size());
        std::string text;
        for (const char c : pattern_.substr(from, end - from)) {
            if (static_cast<unsigned char>(c) < 0x80 && !isalnum(static_cast<unsigned char>(c))) text += '\\';
            text += c;
        }
        at_ = std::min(end + 2, pattern_.size());
        return text;
    }

    std::string hexEscape(size_t digits)
    {
        const std::string_view text = pattern_.substr(at_, digits);
        if (text.size() < digits || text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
            fail("hexadecimal digits expected after \\u or \\x");
            return {};
        }
        at_ += digits;
        return fmt::format("\\x{{{}}}", text);
    }

    std::string octal()
    {
        size_t digits = 0;
        while (digits < 3 && at_ + digits < pattern_.size() && pattern_[at_ + digits] >= '0' && pattern_[at_ + digits] <= '7') ++digits;
        const std::string text(pattern_.substr(at_, digits));
        at_ += digits;
        if (text.empty()) fail("octal digits expected after \\0");
        return "\\o{" + text + "}";
    }

    // \p{Lower}, \p{IsHan}, \p{L}, \pL.
    std::string property(bool inClass)
    {
        const bool negated = pattern_[at_ + 1] == 'P';
        at_ += 2;
        std::string_view name = pattern_.substr(at_, 1);
        size_t size = 1;
        if (name == "{") {
            const size_t close = pattern_.find('}', at_);
            if (close == std::string_view::npos) {
                fail("missing } after \\p{");
                return {};
            }
            name = pattern_.substr(at_ + 1, close - at_ - 1);
            size = close - at_ + 1;
        }
        at_ += size;
        for (const auto& [java, posix] : kPosixClasses) {
            if (name == java) return fmt::format("{}[:{}{}:]{}", inClass ? "" : "[", negated ? "^" : "", posix, inClass ? "" : "]");
        }
        for (const auto& [java, unicode] : kJavaClasses) {
            if (name == java) name = unicode;
        }
        if (const size_t equals = name.find('='); equals != std::string_view::npos) name.remove_prefix(equals + 1);
        else if (name.starts_with("Is") && name.size() > 2) name.remove_prefix(2);
        return fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', name);
    }

    void group()
    {
        if (startsWith("(*")) return fail("nothing to repeat before *");
        out_ += '(';
        ++at_;
        if (!startsWith("?")) return;
        out_ += '?';
        ++at_;
        const char c = at_ < pattern_.size() ? pattern_[at_] : '\0';
        if (c == ':' || c == '=' || c == '!' || c == '>' || c == '<') {
            out_ += c;
            ++at_;
            return;
        }
        // Flags: Java's d, u and U have no counterpart; PCRE2's U means something else.
        bool any = false;
        while (at_ < pattern_.size() && std::string_view("idmsuxU-").find(pattern_[at_]) != std::string_view::npos) {
            const char flag = pattern_[at_++];
            any = true;
            if (flag != 'd' && flag != 'u' && flag != 'U') out_ += flag;
        }
        if (!any || at_ >= pattern_.size() || (pattern_[at_] != ')' && pattern_[at_] != ':')) fail("unknown group after (?");
    }

    // What a class matches, as one PCRE2 expression for one character. Java's classes may hold classes and
    // intersections; plain ones stay what they are.
    std::string characterClass()
    {
        ++at_;
        const bool negated = startsWith("^");
        if (negated) ++at_;
        std::vector<std::string> operands{""};       // of &&
        std::vector<std::vector<std::string>> nested{{}};
        bool first = true;
        while (true) {
            if (at_ >= pattern_.size()) {
                fail("a character class is not closed");
                return {};
            }
            const char c = pattern_[at_];
            if (c == ']' && !first) break;
            first = false;
            if (c == '[') nested.back().push_back(characterClass());
            else if (startsWith("&&")) {
                at_ += 2;
                operands.emplace_back();
                nested.emplace_back();
            } else if (c == '\\') operands.back() += escape(true);
            else {
                // PCRE2 would take [: for the name of a class.
                if (c == ':' || c == '.' || c == '=') operands.back() += '\\';
                operands.back() += c;
                ++at_;
            }
        }
        ++at_;
        if (operands.size() == 1 && nested[0].empty()) return fmt::format("[{}{}]", negated ? "^" : "", operands[0]);
        std::string all;
        for (size_t i = 0; i < operands.size(); ++i) {
            std::string one = operands[i].empty() ? "" : "[" + operands[i] + "]";
            for (const std::string& other : nested[i]) one += (one.empty() ? "" : "|") + other;
            if (one.empty()) continue;
            all += i + 1 < operands.size() ? "(?=" + one + ")" : "(?:" + one + ")";
        }
        return negated ? "(?:(?!" + all + ")(?s:.))" : "(?:" + all + ")";
    }

    std::string_view pattern_;
    size_t at_ = 0;
    std::string out_;
    std::string error_;
};

}

Result<std::string> patternFromJava(std::string_view pattern) { return Translator(pattern).run(); }

}
