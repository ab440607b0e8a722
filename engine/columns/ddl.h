// Reads Spark DDL text: types and lists of fields.
#pragma once
#include "engine/columns/type.h"

#include <optional>

namespace streamwright {

class DdlParser {
public:
    explicit DdlParser(std::string_view text) : text_(text) {}

    Result<Type> type();
    Result<std::vector<Field>> fields();  // `a INT, b: STRING NOT NULL COMMENT '…'`; may be empty
    bool atEnd();
    std::string_view rest();

private:
    Result<Type> typeAt(int depth);
    Result<Field> field(int depth);
    std::optional<std::string> word();
    bool accept(char c);
    void skipSpace();

    std::string_view text_;
    size_t at_ = 0;
};

// A name as it stands in DDL: in backquotes unless it is a plain word.
std::string quoteName(std::string_view name);

}
