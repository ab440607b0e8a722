// Proofs about the update expression of keyed state, on its syntax alone; false where none is found.
#pragma once
#include <string_view>

namespace streamwright {

// True when `update` over `state` and `values` gives `state` back for every state that is not NULL and an
// empty `values`: `if(size(values) = 0, state, …)`, `CASE WHEN size(values) = 0 THEN state …`.
bool keepsIdleState(std::string_view update);
// The same for a state of an integral type, where also x + 0 is x: `coalesce(state, 0) + aggregate(values,
// 0, (a, x) -> …)`.
bool keepsIdleIntegers(std::string_view update);

}
