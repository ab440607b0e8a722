// Gathers a value per row into an ARRAY, NULLs too, as an aggregate of window aggregations.
#pragma once
#include "engine/expression/aggregate.h"

namespace streamwright {

std::unique_ptr<AggregateCall> makeListCall(Expression value, std::string name);

}
