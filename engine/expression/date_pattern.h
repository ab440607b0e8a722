// Patterns of dates and times as Spark reads them (java.time.DateTimeFormatter, English names, strict):
// `yyyy-MM-dd HH:mm:ss.SSS`, `MMM dd yyyy`, `[ZZZZZ]`, `'at' h a`.
#pragma once
#include "engine/base/result.h"
#include "engine/columns/calendar.h"

#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

class DatePattern {
public:
    // A mistake names the letter that cannot be used.
    static Result<DatePattern> compile(std::string_view pattern);

    // Appends the time as it is in the zone.
    void append(int64_t micros, const Zone& zone, std::string& out) const;
    // The whole text as a time; parts that the pattern does not have are those of 1970-01-01 00:00:00. Empty
    // when the text does not fit. Text without a zone is local to `zone`.
    std::optional<int64_t> parse(std::string_view text, const Zone& zone) const;

private:
    struct Item {
        char letter = 0;            // 0: literal text; '[' and ']' open and close an optional part
        int count = 0;
        std::string text;
        size_t reserved = 0;        // digits of numbers of fixed width that follow at once
        size_t close = 0;           // of '[': the place of its ']'
    };
    struct Fields;

    void finish();
    void appendItem(const Item& item, int64_t local, int64_t micros, const Zone& zone, std::string& out) const;
    bool parseItems(size_t from, size_t to, std::string_view& text, Fields& fields) const;
    bool parseItem(const Item& item, std::string_view& text, Fields& fields) const;

    std::vector<Item> items_;
    bool era_ = false;
};

}
