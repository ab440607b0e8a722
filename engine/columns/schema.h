// The columns of a stream. Names resolve case-insensitively and keep their case.
#pragma once
#include "engine/base/names.h"
#include "engine/columns/type.h"

#include <optional>

namespace streamwright {

class Schema {
public:
    Schema() = default;
    explicit Schema(std::vector<Field> fields) : fields_(std::move(fields)) {}

    const std::vector<Field>& fields() const { return fields_; }
    size_t size() const { return fields_.size(); }
    const Field& operator[](size_t i) const { return fields_[i]; }
    std::optional<size_t> indexOf(std::string_view name) const;
    std::vector<std::string> names() const;
    // `id BIGINT, name STRING`.
    std::string toDdl() const;
    bool operator==(const Schema&) const = default;

private:
    std::vector<Field> fields_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

// `id BIGINT, name STRING` (a colon after the name is allowed). Two equal names are a mistake.
Result<Schema> parseSchema(std::string_view ddl);

// The first name that stands twice, or none.
std::optional<std::string> duplicateName(const std::vector<Field>& fields);

}
