#include "engine/dataflow/node_type.h"

#include <cassert>
#include <stdexcept>

namespace streamwright {

void throw_exception_from_error(const FieldError& error, const boost::source_location& where)
{
    throw std::logic_error(std::string(where.file_name()) + ":" + std::to_string(where.line()) + ": unchecked error: " + error.field + ": " + error.message);
}

Duration Inputs::slide() const
{
    const auto least = std::min_element(edges_.begin(), edges_.end(), [](const Edge& a, const Edge& b) { return a.slide.micros < b.slide.micros; });
    return least == edges_.end() ? Duration{} : least->slide;
}

const Schema& Inputs::at(std::string_view port) const
{
    for (const Edge& edge : edges_) {
        if (edge.port == port) return edge.schema;
    }
    assert(!"a declared port has an edge: check() sees to it");
    static const Schema none;
    return none;
}

}
