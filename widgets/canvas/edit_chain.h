// Several edits as one command: each is built for the document as the ones before left it.
#pragma once
#include "engine/pipeline/edits.h"

namespace streamwright {

class EditChain {
public:
    explicit EditChain(const Document& document) : document_(document) {}

    // As it is after what was added.
    const Document& document() const { return document_; }
    void add(Edit edit)
    {
        if (apply(document_, edit)) edit_.add(std::move(edit));
    }
    const Edit& edit() const { return edit_; }

private:
    Document document_;
    Edit edit_;
};

}
