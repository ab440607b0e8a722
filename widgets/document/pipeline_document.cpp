#include "widgets/document/document_parts.h"

#include "engine/pipeline/document_json.h"
#include "widgets/theme/names.h"

namespace streamwright {

PipelineDocument::Private::Private(PipelineDocument& owner, const Catalog& nodeTypes) : q(owner), catalog(nodeTypes), saved(savedFrom(printDocument({}))), checker(nodeTypes)
{
    clock.start();
    document = saved.document;
    forgetJournal();
}

const EditCommand* PipelineDocument::Private::lastCommand() const
{
    return undoStack.canUndo() ? dynamic_cast<const EditCommand*>(undoStack.command(undoStack.index() - 1)) : nullptr;
}

const EditCommand* PipelineDocument::Private::nextCommand() const
{
    return undoStack.canRedo() ? dynamic_cast<const EditCommand*>(undoStack.command(undoStack.index())) : nullptr;
}

bool PipelineDocument::Private::push(const Edit& edit, const QString& name, MergeMark mark)
{
    auto inverse = streamwright::apply(document, edit);
    if (!inverse) {
        Q_EMIT q.refused(engineText(inverse.error().message), engineText(inverse.error().hint));
        return false;
    }
    const Edit undone = *inverse;
    auto* command = new EditCommand(name, edit, std::move(*inverse), std::move(mark), [this](const EditCommand& which, EditCommand::Way way) { return run(which, way); });
    undoStack.push(command);
    record(lastCommand() == command ? JournalEntry::Kind::Do : JournalEntry::Kind::Merge, name, edit);
    changed(edit, undone);
    return true;
}

Edit PipelineDocument::Private::run(const EditCommand& command, EditCommand::Way way)
{
    const bool undo = way == EditCommand::Way::Undo;
    const Edit edit = undo ? command.inverse() : command.edit();
    auto inverse = streamwright::apply(document, edit);
    Q_ASSERT(inverse);
    if (!inverse) return {};
    ++round;
    record(undo ? JournalEntry::Kind::Undo : JournalEntry::Kind::Redo, command.text(), edit);
    changed(edit, *inverse);
    return std::move(*inverse);
}

void PipelineDocument::Private::changed(const Edit& edit, const Edit& inverse)
{
    copy.reset();
    keepSelection(edit, inverse);
    Q_EMIT q.edited();
    check();
}

void PipelineDocument::Private::record(JournalEntry::Kind kind, const QString& name, const Edit& edit)
{
    if (!replaying) journal.append({kind, name, edit});
}

void PipelineDocument::Private::check()
{
    checker.ask([this] { return Checker::Job{q.copy(), q.folder()}; });
}

void PipelineDocument::Private::take(const CheckedPipeline& result)
{
    auto all = std::make_shared<CheckedPipeline>(result);
    all->diagnostics.insert(all->diagnostics.begin(), saved.problems.begin(), saved.problems.end());
    checked = std::move(all);
    Q_EMIT q.checkedChanged();
}

// What was renamed stays selected, what is gone does not.
void PipelineDocument::Private::keepSelection(const Edit& edit, const Edit& inverse)
{
    Selection::Items items = selection.items();
    if (items.empty()) return;
    for (size_t i = 0; i < edit.steps.size() && i < inverse.steps.size(); ++i) {
        const auto* now = std::get_if<ReplaceNode>(&edit.steps[i]);
        const auto* before = std::get_if<ReplaceNode>(&inverse.steps[inverse.steps.size() - 1 - i]);
        if (now && before && items.nodes.erase(before->node.id) > 0) items.nodes.insert(now->node.id);
    }
    std::erase_if(items.nodes, [&](const NodeId& node) { return !document.find(node.name); });
    if (!items.edges.empty()) {
        std::set<std::string> edges;
        for (const Edge& edge : document.edges) edges.insert(printEdge(edge));
        std::erase_if(items.edges, [&](const std::string& edge) { return !edges.contains(edge); });
    }
    const auto lacks = [&](const char* group) {
        const Json* all = document.layout.find(group);
        return [all](const std::string& id) { return !all || !all->find(id); };
    };
    std::erase_if(items.frames, lacks("frames"));
    std::erase_if(items.notes, lacks("notes"));
    selection.set(std::move(items));
}

PipelineDocument::PipelineDocument(const Catalog& catalog, QObject* parent) : QObject(parent), d_(std::make_unique<Private>(*this, catalog))
{
    connect(&d_->selection, &Selection::changed, this, &PipelineDocument::selectionChanged);
    connect(&d_->checker, &Checker::done, this, [this](const auto& checked) { d_->take(*checked); });
    connect(&d_->disk, &DiskFile::changed, this, &PipelineDocument::changedOnDisk);
    connect(&d_->journal, &Journal::failed, this, &PipelineDocument::journalFailed);
    connect(&d_->undoStack, &QUndoStack::cleanChanged, this, [this](bool clean) {
        // As saved: there is nothing to recover.
        if (clean && !d_->replaying) d_->forgetJournal();
        Q_EMIT modifiedChanged(!clean);
    });
}

PipelineDocument::~PipelineDocument()
{
    // What the parts say while they go is of no use to anybody.
    d_->undoStack.disconnect(this);
    d_->selection.disconnect(this);
}

const Catalog& PipelineDocument::catalog() const { return d_->catalog; }
const Document& PipelineDocument::document() const { return d_->document; }
QUndoStack& PipelineDocument::undoStack() { return d_->undoStack; }
Selection& PipelineDocument::selection() { return d_->selection; }
bool PipelineDocument::isModified() const { return !d_->undoStack.isClean(); }
std::shared_ptr<const CheckedPipeline> PipelineDocument::checked() const { return d_->checked; }
const Node* PipelineDocument::node(const NodeId& id) const { return d_->document.find(id.name); }

std::shared_ptr<const Document> PipelineDocument::copy() const
{
    if (!d_->copy) d_->copy = std::make_shared<const Document>(d_->document);
    return d_->copy;
}

const NodeType* PipelineDocument::typeOf(const NodeId& id) const
{
    const Node* there = node(id);
    return there ? d_->catalog.find(there->type) : nullptr;
}

Diagnostics PipelineDocument::diagnosticsOf(const NodeId& id) const
{
    Diagnostics own;
    std::ranges::copy_if(d_->checked->diagnostics, std::back_inserter(own), [&](const Diagnostic& diagnostic) { return diagnostic.node == id.name; });
    return own;
}

std::shared_ptr<const CheckedPipeline> PipelineDocument::checkNow()
{
    d_->take(*d_->checker.checkNow({copy(), folder()}));
    return d_->checked;
}

void PipelineDocument::apply(const Edit& edit, const QString& name, const QString& mergeKey)
{
    if (!edit.empty()) (void)d_->push(edit, name, d_->mark(mergeKey));
}

void PipelineDocument::endMerge() { ++d_->round; }

}
