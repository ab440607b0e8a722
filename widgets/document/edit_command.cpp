#include "widgets/document/edit_command.h"

namespace streamwright {

namespace {

// The step that does what both do, where the later one only overwrites: keystrokes need not pile up.
std::optional<Edit::Step> overwritten(const Edit::Step& before, const Edit::Step& after)
{
    const auto* node = std::get_if<ReplaceNode>(&before);
    const auto* laterNode = std::get_if<ReplaceNode>(&after);
    if (node && laterNode && node->at == laterNode->at) return *laterNode;
    const auto* member = std::get_if<SetMember>(&before);
    const auto* laterMember = std::get_if<SetMember>(&after);
    if (!member || !laterMember || member->path != laterMember->path || !member->value || !laterMember->value) return std::nullopt;
    return SetMember{member->path, laterMember->value, member->at};
}

// None if the steps do not pair off.
std::optional<Edit> overwritten(const Edit& before, const Edit& after)
{
    if (before.steps.size() != after.steps.size()) return std::nullopt;
    // More steps might depend on each other's places.
    if (before.steps.size() != 1) return std::nullopt;
    auto step = overwritten(before.steps.front(), after.steps.front());
    if (!step) return std::nullopt;
    return Edit{{std::move(*step)}};
}

}

bool MergeMark::continues(const MergeMark& before) const
{
    constexpr int64_t kMergeMillis = 1000;
    return !key.isEmpty() && key == before.key && round == before.round && millis - before.millis <= kMergeMillis;
}

EditCommand::EditCommand(QString name, Edit edit, Edit inverse, MergeMark mark, Run run)
    : QUndoCommand(name), edit_(std::move(edit)), inverse_(std::move(inverse)), mark_(std::move(mark)), run_(std::move(run))
{
}

void EditCommand::undo()
{
    edit_ = run_(*this, Way::Undo);
}

void EditCommand::redo()
{
    if (std::exchange(applied_, false)) return;
    inverse_ = run_(*this, Way::Redo);
}

bool EditCommand::mergeWith(const QUndoCommand* other)
{
    const auto& later = static_cast<const EditCommand&>(*other);
    if (!later.mark_.continues(mark_)) return false;
    if (auto both = overwritten(edit_, later.edit_)) {
        edit_ = std::move(*both);
    } else {
        edit_.add(later.edit_);
        Edit inverse = later.inverse_;
        inverse.add(std::move(inverse_));
        inverse_ = std::move(inverse);
    }
    mark_ = later.mark_;
    return true;
}

}
