// Where a text stands in a pipeline: in names, titles, types, options, settings, parameters, frames and notes.
#pragma once
#include "engine/pipeline/document.h"

#include <QString>

#include <vector>

namespace streamwright {

struct FoundText {
    enum class Place : unsigned char { Node, Frame, Note, Pipeline };
    Place place = Place::Node;
    std::string id;         // of the node, frame or note; empty for the pipeline
    QString field;          // option, setting, parameter, "title", "type"; empty: the name itself
    QString text;           // what it says, on one line
    qsizetype at = -1;      // where in `text` the wanted one begins; -1: it is in the field's name
    bool operator==(const FoundText&) const = default;
};

// In any case of letters; in the order of the document, one hit for each field. Nothing for an empty text.
std::vector<FoundText> find(const Document& document, const QString& wanted);

}
