#include "widgets/inspector/live_schema.h"

#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

std::optional<Schema> schemaOf(const PipelineDocument& document, const NodeId& node, const std::string& port)
{
    const auto checked = document.checked();
    const auto known = checked->schemas.find(node.name);
    const NodeType* type = document.typeOf(node);
    if (known == checked->schemas.end() || !type) return std::nullopt;
    const auto& outputs = type->spec.outputs;
    for (size_t i = 0; i < outputs.size() && i < known->second.size(); ++i) {
        if (port.empty() || outputs[i].name == port) return known->second[i];
    }
    return std::nullopt;
}

std::string firstInput(const PipelineDocument& document, const NodeId& node)
{
    const NodeType* type = document.typeOf(node);
    return type && !type->spec.inputs.empty() ? type->spec.inputs.front().name : std::string();
}

Json sampleOf(const Type& type, size_t row)
{
    switch (type.kind()) {
    case TypeKind::Boolean: return Json::boolean(row == 0);
    case TypeKind::Int:
    case TypeKind::BigInt: return Json::integer(row == 0 ? 1 : 42);
    case TypeKind::Float:
    case TypeKind::Double: return Json::number(row == 0 ? "0.5" : "12.25");
    case TypeKind::String: return Json::string(row == 0 ? "the quick brown fox" : "Spark");
    case TypeKind::Date: return Json::string(row == 0 ? "2026-01-31" : "2026-12-24");
    case TypeKind::Timestamp: return Json::string(row == 0 ? "2026-01-31T12:00:00Z" : "2026-12-24T18:30:00Z");
    case TypeKind::Array: return Json::array({sampleOf(type.element(), 0), sampleOf(type.element(), 1)});
    case TypeKind::Struct: {
        Json object = Json::object();
        for (const Field& field : type.fields()) object.set(field.name, sampleOf(field.type, row));
        return object;
    }
    default: return {};
    }
}

}

std::vector<IncomingRows> incomingRows(const PipelineDocument& document, const NodeId& node)
{
    std::vector<IncomingRows> rows;
    for (const Edge& edge : document.document().edges) {
        if (edge.to != node.name) continue;
        const NodeId from{edge.from};
        rows.push_back({edge.toPort.empty() ? firstInput(document, node) : edge.toPort, from, edge.fromPort, schemaOf(document, from, edge.fromPort)});
    }
    return rows;
}

Schema incomingColumns(const PipelineDocument& document, const NodeId& node)
{
    std::vector<Field> fields;
    for (const IncomingRows& rows : incomingRows(document, node)) {
        if (!rows.schema) continue;
        for (const Field& field : rows.schema->fields()) {
            if (std::none_of(fields.begin(), fields.end(), [&](const Field& known) { return sameName(known.name, field.name); })) fields.push_back(field);
        }
    }
    return Schema(std::move(fields));
}

std::vector<OutgoingRows> outgoingRows(const PipelineDocument& document, const NodeId& node)
{
    std::vector<OutgoingRows> rows;
    if (const NodeType* type = document.typeOf(node)) {
        for (const PortSpec& port : type->spec.outputs) rows.push_back({port.name, schemaOf(document, node, port.name)});
    }
    return rows;
}

std::vector<std::string> sampleRows(const Schema& schema)
{
    std::vector<std::string> rows;
    for (size_t row = 0; row < 2; ++row) {
        Json object = Json::object();
        for (const Field& field : schema.fields()) object.set(field.name, sampleOf(field.type, row));
        rows.push_back(printJsonLine(object));
    }
    return rows;
}

}
