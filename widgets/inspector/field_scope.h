// What an editor may ask about the place where its field stands. Asked anew each time: nothing of it is kept.
// UI thread only.
#pragma once
#include "widgets/session/run_controller.h"

namespace streamwright {

class FieldScope {
public:
    virtual ~FieldScope() = default;
    // That reach the node, by check(); none while they are not known.
    virtual Schema columns() const { return {}; }
    virtual Json parameters() const { return Json::object(); }    // as the document declares them
    virtual std::filesystem::path folder() const { return {}; }
    // Where expressions are tried; null: nowhere.
    virtual RunController* run() const { return nullptr; }
    // The rows on which an expression of this field is tried: live ones, else made up by the columns' types. None
    // where it is over more than the rows that come in.
    virtual std::optional<EvaluateQuery> rows() const { return std::nullopt; }
};

}
