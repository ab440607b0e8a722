#include "engine/dataflow/context.h"

namespace streamwright {

SchemaPtr rejectedSchema()
{
    static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{
        {"batch_time", TypeKind::Timestamp}, {"node", TypeKind::String}, {"field", TypeKind::String},
        {"reason", TypeKind::String}, {"row", TypeKind::String}, {"raw", TypeKind::Binary}});
    return schema;
}

}
