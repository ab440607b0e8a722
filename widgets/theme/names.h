// Names and texts of the engine as a person reads them: "update_state_by_key" is "Update state by key".
#pragma once
#include "engine/base/result.h"
#include "engine/pipeline/spec.h"

#include <QString>

namespace streamwright {

// "source.socket" is "Socket", "sink.sqlite" "SQLite".
QString typeTitle(const std::string& type);
// "batch_interval" is "Batch interval".
QString fieldTitle(const std::string& field);
// What the engine says in English (help, problems, why it waits), in the user's language where a translation has it
// (engine_text.cpp). UI thread.
QString engineText(const std::string& english);
// The message, and what to do about it.
QString engineText(const Error& error);
// "Sources", "Transformations", …
QString groupTitle(Group group);

}
