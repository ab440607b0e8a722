// Words on a node: its title, and the one line of what it does, from its options. Pure.
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/pipeline/document.h"
#include "widgets/theme/names.h"

#include <QString>

namespace streamwright {

// The title, else the name.
QString nodeTitle(const Node& node);
// "split(value, ' ')", "word · count(*) AS n", "localhost · port 9999": the options that are written, in the
// order of the declaration.
QString nodeSummary(const Node& node, const NodeType* type);

}
