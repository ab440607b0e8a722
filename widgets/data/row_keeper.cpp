#include "widgets/data/row_keeper.h"

#include "engine/base/files.h"
#include "widgets/document/background.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"
#include "widgets/theme/names.h"

namespace streamwright {

namespace {

// What a session hands out of a port in a batch at most.
constexpr size_t kMostRows = 10'000;
constexpr int64_t kRecorded = 3;
// The engine forgets a wish after some seconds.
constexpr int kWishMilliseconds = 1000;

}

RowKeeper::RowKeeper(PipelineDocument& document, RunController& run, QObject* parent) : QObject(parent), document_(document), run_(run)
{
    wishing_.setInterval(kWishMilliseconds);
    connect(&wishing_, &QTimer::timeout, this, &RowKeeper::wishForMore);
    connect(&run_, &RunController::batchesChanged, this, &RowKeeper::gather);
    connect(&run_, &RunController::stateChanged, this, [this] {
        if (wish_ && wish_->recording && !run_.isRunning()) giveUp(tr("The run ended before enough batches were recorded"));
    });
}

void RowKeeper::keepInput(int64_t batch) { begin(std::nullopt, batch); }
void RowKeeper::expect(const Port& port, int64_t batch) { begin(port, batch); }

void RowKeeper::cancel()
{
    if (wish_) giveUp(tr("Recording was cancelled"));
}

// A test runs the file: the rows must be of what stands in it.
bool RowKeeper::mayBegin()
{
    const auto refuse = [this](const QString& message, const QString& hint) {
        Q_EMIT failed(message, hint);
        return false;
    };
    if (wish_) return refuse(tr("Rows are being recorded already"), {});
    if (document_.path().empty() || document_.isModified()) return refuse(tr("Save the pipeline first"), tr("a test runs its file"));
    if (run_.snapshot().documentHash != document_.checked()->documentHash) return refuse(tr("The rows are of an earlier version of the pipeline"), tr("restart it with the changes first"));
    if (!run_.snapshot().run || !run_.snapshot().run->last) return refuse(tr("No batch has ended yet"), {});
    return true;
}

void RowKeeper::begin(std::optional<Port> expected, int64_t batch)
{
    if (!mayBegin()) return;
    ++round_;
    wish_.emplace();
    wish_->inputs = sources();
    wish_->expected = std::move(expected);
    const bool all = wish_->expected && dependsOnAllBatches(wish_->expected->node);
    wish_->first = all ? 1 : batch;
    wish_->last = batch;
    if (all && run_.batches().empty()) return giveUp(tr("No batch has ended yet"));
    if (all && run_.batches().front()->number > 1) {
        return giveUp(tr("%1 depends on every batch since the first, which this run does not hold").arg(QString::fromStdString(wish_->expected->node.name)), tr("start fresh, and expect it then"));
    }
    Q_EMIT busyChanged();
    gather();
}

std::vector<RowKeeper::Port> RowKeeper::sources() const
{
    std::vector<Port> ports;
    for (const PlannedNode& node : document_.checked()->nodes) {
        if (node.type && node.type->spec.group == Group::Source) ports.push_back({node.id, {}});
    }
    return ports;
}

// It or something before it keeps state.
bool RowKeeper::dependsOnAllBatches(const NodeId& node) const
{
    const std::vector<PlannedNode>& nodes = document_.checked()->nodes;
    const auto wanted = std::ranges::find(nodes, node, &PlannedNode::id);
    if (wanted == nodes.end()) return false;
    // In topological order: what stands before is looked at first.
    std::vector<char> depends(nodes.size(), 0);
    for (size_t i = 0; i < nodes.size(); ++i) {
        depends[i] = nodes[i].type && nodes[i].type->spec.stateful;
        for (const PlannedNode::Input& input : nodes[i].edges) depends[i] = depends[i] || depends[input.from];
    }
    return depends[static_cast<size_t>(wanted - nodes.begin())] != 0;
}

void RowKeeper::gather()
{
    if (!wish_) return;
    for (int64_t number = wish_->first; wish_ && number <= wish_->last; ++number) {
        const auto batch = run_.batch(number);
        if (batch && wish_->asked.insert(number).second) gatherBatch(*batch);
    }
}

void RowKeeper::gatherBatch(const BatchProgress& batch)
{
    wish_->result.batches.emplace(batch.number, batch.batchTime);
    const auto ask = [&](const Port& port, bool input) {
        ++wish_->open;
        TapQuery query{.node = port.node, .port = port.port, .moment = Moment::ofBatch(batch.number), .most = kMostRows, .json = true};
        run_.session().tap(std::move(query), run_.call(this), [this, port, input, number = batch.number, round = round_](Result<TapPage> page) {
            if (wish_ && round == round_) take(port, input, number, page);
        });
    };
    for (const Port& port : wish_->inputs) ask(port, true);
    if (wish_->expected) ask(*wish_->expected, false);
}

void RowKeeper::take(const Port& port, bool input, int64_t batch, const Result<TapPage>& page)
{
    const bool whole = page && page->complete && static_cast<int64_t>(page->json.size()) == page->rowsInBatch;
    if (!whole && !wish_->recording) return record();
    if (!whole) {
        const QString why = page ? tr("batch %1 of %2 has %3 rows, more than can be kept").arg(batch).arg(QString::fromStdString(port.name())).arg(page->rowsInBatch) : engineText(page.error().message);
        return giveUp(why, tr("a test needs whole batches: make them smaller"));
    }
    std::vector<KeptCase::Port>& ports = input ? wish_->result.inputs : wish_->result.expected;
    auto known = std::ranges::find(ports, port.name(), &KeptCase::Port::name);
    if (known == ports.end()) known = ports.insert(ports.end(), KeptCase::Port{port.name(), {}});
    known->rows[batch] = page->json;
    --wish_->open;
    if (wish_->open == 0 && static_cast<int64_t>(wish_->result.batches.size()) == wish_->last - wish_->first + 1) finish();
}

// What is gone cannot be kept whole any more: batches that come are.
void RowKeeper::record()
{
    if (wish_->expected && dependsOnAllBatches(wish_->expected->node)) {
        return giveUp(tr("Not every batch since the first is kept whole, and %1 depends on them all").arg(QString::fromStdString(wish_->expected->node.name)), tr("start fresh with fewer rows a batch, and expect it soon"));
    }
    if (!run_.isRunning()) return giveUp(tr("This batch is not kept whole, and the run has ended"), tr("run it again, and keep what comes then"));
    ++round_;
    Wish recording;
    recording.inputs = wish_->inputs;
    recording.expected = wish_->expected;
    recording.recording = true;
    // The batch that is at work and the next may have begun before the wish is heard.
    recording.first = run_.snapshot().run->last->number + 3;
    recording.last = recording.first + kRecorded - 1;
    wish_ = std::move(recording);
    wishForMore();
    wishing_.start();
    Q_EMIT told(tr("That batch is not kept whole: recording batches %1 to %2").arg(wish_->first).arg(wish_->last));
}

void RowKeeper::wishForMore()
{
    if (!wish_ || !wish_->recording) return wishing_.stop();
    std::vector<Port> ports = wish_->inputs;
    if (wish_->expected) ports.push_back(*wish_->expected);
    for (const Port& port : ports) run_.session().tap({.node = port.node, .port = port.port, .most = kMostRows}, run_.call(this), [](const Result<TapPage>&) {});
}

void RowKeeper::finish()
{
    wishing_.stop();
    KeptCase kept = std::move(wish_->result);
    wish_.reset();
    const auto checked = document_.checked();
    kept.pipeline = document_.path().filename().string();
    kept.interval = checked->settings.trigger == Trigger::Interval ? checked->settings.batchInterval : Duration{};
    // What was expected of the same batches before stays expected.
    if (lastRun_ == run_.snapshot().run->run.runId && last_.batches == kept.batches && last_.pipeline == kept.pipeline) {
        for (KeptCase::Port& port : kept.expected) KeptCase::put(last_.expected, std::move(port));
        kept.expected = last_.expected;
    }
    last_ = kept;
    lastRun_ = run_.snapshot().run->run.runId;
    const std::filesystem::path flow = std::filesystem::path(document_.path()).replace_extension(".flow");
    inBackground(
        this,
        [flow, kept]() -> Result<void> {
            std::error_code none;
            auto before = std::filesystem::exists(flow, none) ? readFile(flow) : Result<std::string>(std::string());
            if (!before) return before.error();
            return writeDurably(flow, withCase(*before, kept));
        },
        [this, flow, title = kept.title()](const Result<void>& written) {
            if (written) Q_EMIT this->kept(QString::fromStdString(flow.string()), QString::fromStdString(title));
            else Q_EMIT failed(engineText(written.error().message), engineText(written.error().hint));
        });
    Q_EMIT busyChanged();
}

void RowKeeper::giveUp(const QString& message, const QString& hint)
{
    wishing_.stop();
    wish_.reset();
    ++round_;
    Q_EMIT busyChanged();
    Q_EMIT failed(message, hint);
}

}
