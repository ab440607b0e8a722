// CAST among all types by Spark's rules of ANSI mode. Private to this room.
#pragma once
#include "engine/expression/bound.h"

namespace streamwright::syntax {

// Whether CAST(… AS …) exists; a value may still fail.
bool castExists(const Type& from, const Type& to);
// Whether some value may fail to convert.
bool castMayFail(const Type& from, const Type& to);
// True when the type is TIMESTAMP or holds one: its text depends on the time zone.
bool holdsTimestamp(const Type& type);

// Forgiving: what fails is NULL instead (try_cast).
enum class OnFailure : unsigned char { Error, Null };

// A tree that converts; the tree itself when it has the type already. The cast must exist.
BoundPtr castTo(BoundPtr value, const Type& type, OnFailure onFailure = OnFailure::Error);

// The column converted; rows that fail are added to the errors and are NULL.
ColumnPtr castColumn(const ColumnPtr& column, const Type& type, const EvalContext& context, ErrorList& errors);

}
