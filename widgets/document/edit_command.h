// One change on the undo stack: an edit and its inverse, never items of a view.
#pragma once
#include "engine/pipeline/edits.h"

#include <QUndoCommand>

namespace streamwright {

// What decides whether a command continues the one before it: the same key, within a second, with nothing
// between them. An empty key never does.
struct MergeMark {
    QString key;
    int64_t millis = 0;
    int round = 0;          // counts what lay between: lost focus, undo, redo
    bool continues(const MergeMark& before) const;
};

class EditCommand : public QUndoCommand {
public:
    enum class Way : unsigned char { Undo, Redo };
    // Applies an edit to the document and returns its inverse.
    using Run = std::function<Edit(const EditCommand&, Way)>;

    // The edit has been applied: the stack's first redo() does nothing.
    EditCommand(QString name, Edit edit, Edit inverse, MergeMark mark, Run run);

    const Edit& edit() const { return edit_; }
    const Edit& inverse() const { return inverse_; }
    void undo() override;
    void redo() override;
    int id() const override { return mark_.key.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override;

private:
    Edit edit_;
    Edit inverse_;
    MergeMark mark_;
    Run run_;
    bool applied_ = true;
};

}
