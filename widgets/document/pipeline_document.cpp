#include "widgets/document/pipeline_document.h"

#include "engine/base/files.h"
#include "engine/pipeline/document_json.h"
#include "widgets/document/checker.h"
#include "widgets/document/edit_command.h"
#include "widgets/document/selection.h"

#include <QElapsedTimer>

namespace streamwright {

namespace {

// A file as it was read or written: what the document is compared with.
struct Saved {
    std::string text;
    Document document;
    Diagnostics problems;   // of text that is not JSON
};

Saved savedFrom(std::string text)
{
    DocumentRead read = readDocument(text);
    return {std::move(text), read.document.value_or(Document()), std::move(read.diagnostics)};
}

int nextUntitledNumber()
{
    static int last = 0;
    return ++last;
}

}

class PipelineDocument::Private {
public:
    Private(PipelineDocument& owner, const Catalog& nodeTypes) : q(owner), catalog(nodeTypes), checker(nodeTypes) { clock.start(); }

    Edit run(const Edit& edit);
    void changed(const Edit& edit);
    void begin(Saved from, std::filesystem::path at);
    void check();
    void take(const CheckedPipeline& result);
    void forgetUnselectable();
    MergeMark mark(const QString& key) const { return {key, clock.elapsed(), round}; }

    PipelineDocument& q;
    const Catalog& catalog;
    Document document;
    std::shared_ptr<const Document> copy;
    Saved saved;
    std::filesystem::path path;
    int untitledNumber = nextUntitledNumber();
    QUndoStack undoStack;
    Selection selection;
    Checker checker;
    std::shared_ptr<const CheckedPipeline> checked = std::make_shared<CheckedPipeline>();
    QElapsedTimer clock;
    int round = 0;
};

// Of a command that is undone or done again.
Edit PipelineDocument::Private::run(const Edit& edit)
{
    auto inverse = streamwright::apply(document, edit);
    Q_ASSERT(inverse);
    ++round;
    changed(edit);
    return inverse ? std::move(*inverse) : Edit();
}

void PipelineDocument::Private::changed(const Edit& edit)
{
    copy.reset();
    Q_UNUSED(edit);
    forgetUnselectable();
    Q_EMIT q.edited();
    check();
}

void PipelineDocument::Private::begin(Saved from, std::filesystem::path at)
{
    saved = std::move(from);
    document = saved.document;
    path = std::move(at);
    undoStack.clear();
    undoStack.setClean();
    selection.clear();
    Q_EMIT q.fileChanged();
    changed({});
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

void PipelineDocument::Private::forgetUnselectable()
{
    Selection::Items items = selection.items();
    if (items.empty()) return;
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
    d_->saved = savedFrom(printDocument({}));
    connect(&d_->selection, &Selection::changed, this, &PipelineDocument::selectionChanged);
    connect(&d_->undoStack, &QUndoStack::cleanChanged, this, [this](bool clean) { Q_EMIT modifiedChanged(!clean); });
    connect(&d_->checker, &Checker::done, this, [this](const auto& checked) { d_->take(*checked); });
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
const std::filesystem::path& PipelineDocument::path() const { return d_->path; }
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
    if (edit.empty()) return;
    auto inverse = streamwright::apply(d_->document, edit);
    if (!inverse) {
        Q_EMIT refused(QString::fromStdString(inverse.error().message), QString::fromStdString(inverse.error().hint));
        return;
    }
    const auto run = [this](const EditCommand& command, EditCommand::Way way) { return d_->run(way == EditCommand::Way::Undo ? command.inverse() : command.edit()); };
    d_->undoStack.push(new EditCommand(name, edit, std::move(*inverse), d_->mark(mergeKey), run));
    d_->changed(edit);
}

void PipelineDocument::endMerge() { ++d_->round; }

std::filesystem::path PipelineDocument::folder() const
{
    return d_->path.empty() ? std::filesystem::current_path() : d_->path.parent_path();
}

QString PipelineDocument::displayName() const
{
    if (!d_->path.empty()) return QString::fromStdString(d_->path.filename().string());
    return d_->untitledNumber == 1 ? tr("Untitled") : tr("Untitled %1").arg(d_->untitledNumber);
}

Result<void> PipelineDocument::open(const std::filesystem::path& path)
{
    auto text = readFile(path);
    if (!text) return text.error();
    d_->begin(savedFrom(std::move(*text)), std::filesystem::absolute(path));
    return {};
}

Result<void> PipelineDocument::openAsUntitled(const std::filesystem::path& path)
{
    auto text = readFile(path);
    if (!text) return text.error();
    openText(*text);
    return {};
}

void PipelineDocument::openText(const std::string& text)
{
    d_->begin(savedFrom(text), {});
}

Result<void> PipelineDocument::save()
{
    if (d_->path.empty()) return mistake("the pipeline has no file yet", "save it under a name");
    return saveAs(d_->path);
}

Result<void> PipelineDocument::saveAs(const std::filesystem::path& path)
{
    const std::string bytes = text();
    if (auto written = writeDurably(path, bytes); !written) return written;
    d_->saved = {bytes, d_->document, {}};
    const bool moved = std::exchange(d_->path, std::filesystem::absolute(path)) != d_->path;
    d_->undoStack.setClean();
    ++d_->round;
    if (moved) Q_EMIT fileChanged();
    return {};
}

Result<void> PipelineDocument::revert()
{
    if (d_->path.empty()) return mistake("the pipeline has no file yet");
    auto text = readFile(d_->path);
    if (!text) return text.error();
    d_->saved = savedFrom(std::move(*text));
    if (d_->document != d_->saved.document) apply(replaceDocument(d_->saved.document), tr("Revert to the saved file"));
    d_->undoStack.setClean();
    return {};
}

std::string PipelineDocument::text() const
{
    return d_->document == d_->saved.document ? d_->saved.text : printDocument(d_->document);
}

}
