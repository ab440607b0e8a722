// Formats of numbers as to_char takes them: `$99,999.99`, `000D00`, `9G999S`, `999PR`.
#pragma once
#include "engine/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

class NumberFormat {
public:
    // A mistake says what cannot stand where.
    static Result<NumberFormat> compile(std::string_view format);

    // `digits` is a number in plain notation without its sign, such as `12.50`. One that is too long for the
    // format becomes `##.##`.
    void append(std::string_view digits, bool negative, std::string& out) const;

private:
    enum class Part : unsigned char { Zero, Nine, Comma, Point, Dollar, Sign, Minus, Open, Close };

    char readLetters(std::string_view format);
    std::string_view wrongOrder() const;
    // How many digits stand before the point, or behind it.
    size_t digitsBehind(bool point) const;
    static void appendDigit(Part part, char digit, std::string& text);
    static void appendSign(Part part, bool negative, std::string& text);

    std::vector<Part> parts_;
};

}
