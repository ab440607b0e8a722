#include "engine/control/local_run.h"

#include "engine/control/preparation.h"

#include <fmt/format.h>

namespace streamwright {

LocalRun::LocalRun(StartRequest request, const Catalog& catalog, Reply<Started> started)
    : request_(std::move(request)), catalog_(catalog), started_(std::move(started)), latest_(std::make_shared<const Snapshot>(Snapshot{.run = {.name = request_.document.name}}))
{
    pausing_ = request_.paused;
    thread_ = std::thread([this] { live(); });
}

LocalRun::LocalRun(StartRequest request, const Catalog& catalog, const CheckedPipeline& pipeline)
    : request_(std::move(request)), catalog_(catalog), latest_(std::make_shared<const Snapshot>(Snapshot{.run = {.name = request_.document.name}}))
{
    know(pipeline);
}

LocalRun::~LocalRun()
{
    std::shared_ptr<Run> run;
    {
        std::lock_guard lock(mutex_);
        stop_ = StopHow::AtOnce;
        run = run_;
    }
    if (run) run->stopNow();
    run.reset();
    if (thread_.joinable()) thread_.join();
}

void LocalRun::live()
{
    auto made = prepareRun();
    if (!made) {
        end(made.error());
        return started_->give(made.error());
    }
    const std::shared_ptr<Run> run = std::move(*made);
    Started told{run->snapshot()->run.runId, documentHash(), run->plan(), run->notes()};
    ready(run);
    started_->give(std::move(told));
    end(run->execute().error);
}

Result<std::unique_ptr<Run>> LocalRun::prepareRun()
{
    CheckedPipeline pipeline = checkedFor(request_, catalog_);
    know(pipeline);
    if (hasErrors(pipeline.diagnostics)) return mistakesOf(pipeline.diagnostics);
    if (request_.begin == StartRequest::Begin::Fresh && request_.mode == StartRequest::Mode::Run && pipeline.settings.checkpoint) {
        if (pipeline.settings.shipping) return mistake(fmt::format("the checkpoint is shipped to {} and cannot be set aside from here", pipeline.settings.shipping->place), "move that folder away, and start; or name another one");
        auto aside = setAside(*pipeline.settings.checkpoint);
        if (!aside) return aside.error();
        if (*aside) log_.add(LogLevel::Info, fmt::format("the checkpoint was set aside: {}", (*aside)->string()));
    }
    RunOptions options;
    options.resets = request_.resets;
    options.paused = request_.paused;
    options.preview = request_.mode == StartRequest::Mode::Preview;
    listen(options);
    return prepare(std::move(pipeline), std::move(options));
}

void LocalRun::know(const CheckedPipeline& pipeline)
{
    std::lock_guard lock(mutex_);
    parameters_ = pipeline.parameters;
    settings_ = pipeline.settings;
    documentHash_ = pipeline.documentHash;
}

void LocalRun::listen(RunOptions& options)
{
    options.taps.emplace();
    options.progress = [this, also = std::move(options.progress)](const SnapshotPtr& now) {
        if (also) also(now);
        look(now);
    };
    options.log = [this, also = std::move(options.log)](LogLevel level, const std::string& line) {
        if (also) also(level, line);
        log_.add(level, line);
    };
}

void LocalRun::ready(std::shared_ptr<Run> run)
{
    for (const std::string& note : run->notes()) log_.add(LogLevel::Info, note);
    std::optional<StopHow> stop;
    {
        std::lock_guard lock(mutex_);
        run_ = run;
        latest_ = run->snapshot();
        history_ = run->history();
        taps_ = run->taps();
        live_ = run->live();
        checkpoint_ = run->checkpoint();
        stop = stop_;
    }
    if (stop) *stop == StopHow::AtOnce ? run->stopNow() : run->stop();
}

// What is big is freed; who waits is answered.
void LocalRun::end(const Error& failure)
{
    if (!failure.message.empty()) log_.add(LogLevel::Error, failure.message);
    std::shared_ptr<Run> gone;
    std::vector<Waiting> waiting;
    {
        std::lock_guard lock(mutex_);
        gone = std::move(run_);
        ended_ = true;
        failure_ = failure;
        Snapshot last = gone ? *gone->snapshot() : *latest_;
        if (!gone) last.state = RunState::Failed, last.message = failure.message;
        latest_ = std::make_shared<const Snapshot>(std::move(last));
        waiting = std::exchange(waiting_, {});
    }
    for (const Waiting& one : waiting) one.outlives ? one.reply.give({}) : one.reply.give(mistake("the run has ended"));
}

// Called by the run's and the commit thread: where nobody waits it costs a lock.
void LocalRun::look(const SnapshotPtr& now)
{
    std::vector<Waiting> met;
    {
        std::lock_guard lock(mutex_);
        std::erase_if(waiting_, [&](Waiting& one) {
            if (!one.holds || !one.holds(*now)) return false;
            met.push_back(std::move(one));
            return true;
        });
    }
    for (const Waiting& one : met) one.reply.give({});
}

void LocalRun::await(Waiting waiting)
{
    SnapshotPtr now;
    {
        std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(waiting));
        now = run_ ? run_->snapshot() : latest_;
    }
    look(now);
}

std::shared_ptr<Run> LocalRun::running(const Reply<void>& reply)
{
    std::lock_guard lock(mutex_);
    if (run_) return run_;
    reply.give(mistake(ended_ ? "the run has ended" : "the run is being made ready", ended_ ? "" : "try again when it has begun"));
    return nullptr;
}

void LocalRun::pause(Reply<void> reply)
{
    const auto run = running(reply);
    if (!run) return;
    {
        std::lock_guard lock(mutex_);
        stepsUntil_ = 0;
        pausing_ = true;
    }
    run->pause();
    await({std::move(reply), [](const Snapshot& now) { return now.state == RunState::Paused; }, true, true});
}

void LocalRun::resume(Reply<void> reply)
{
    const auto run = running(reply);
    if (!run) return;
    std::vector<Waiting> overtaken;
    {
        std::lock_guard lock(mutex_);
        std::erase_if(waiting_, [&](Waiting& one) {
            if (one.pauses) overtaken.push_back(one);
            return one.pauses;
        });
        stepsUntil_ = 0;
        pausing_ = false;
    }
    run->resume();
    for (const Waiting& one : overtaken) one.reply.give(transient("the run was resumed before"));
    reply.give({});
}

void LocalRun::step(int64_t batches, Reply<void> reply)
{
    if (batches < 1) return reply.give(mistake(fmt::format("a step is one batch or more, but {} was asked for", batches)));
    const auto run = running(reply);
    if (!run) return;
    int64_t until = 0;
    {
        std::lock_guard lock(mutex_);
        if (!pausing_) return reply.give(mistake("only a paused run can be stepped", "pause it first"));
        until = stepsUntil_ = std::max(stepsUntil_, run->snapshot()->batches) + batches;
    }
    run->step(batches);
    await({std::move(reply), [until](const Snapshot& now) { return now.state == RunState::Paused && now.batches >= until; }, true, true});
}

void LocalRun::stop(StopHow how, Reply<void> reply)
{
    std::shared_ptr<Run> run;
    {
        std::lock_guard lock(mutex_);
        if (ended_) return reply.give({});
        run = run_;
        if (stop_ != StopHow::AtOnce) stop_ = how;
        waiting_.push_back({std::move(reply), nullptr, true, false});
    }
    if (run) how == StopHow::AtOnce ? run->stopNow() : run->stop();
}

bool LocalRun::ended() const
{
    std::lock_guard lock(mutex_);
    return ended_;
}

SnapshotPtr LocalRun::snapshot() const
{
    std::lock_guard lock(mutex_);
    return run_ ? run_->snapshot() : latest_;
}

Error LocalRun::failure() const
{
    std::lock_guard lock(mutex_);
    return failure_;
}

std::string LocalRun::documentHash() const
{
    std::lock_guard lock(mutex_);
    return documentHash_;
}

Settings LocalRun::settings() const
{
    std::lock_guard lock(mutex_);
    return settings_;
}

std::shared_ptr<const History> LocalRun::history() const
{
    std::lock_guard lock(mutex_);
    return history_;
}

std::shared_ptr<TapRing> LocalRun::taps() const
{
    std::lock_guard lock(mutex_);
    return taps_;
}

std::shared_ptr<const LiveView> LocalRun::live(const NodeId& node) const
{
    std::lock_guard lock(mutex_);
    const auto found = live_.find(node);
    return found == live_.end() ? nullptr : found->second;
}

std::optional<std::filesystem::path> LocalRun::checkpoint() const
{
    std::lock_guard lock(mutex_);
    return checkpoint_;
}

std::string LocalRun::redact(std::string text) const
{
    std::shared_ptr<const Parameters> parameters;
    {
        std::lock_guard lock(mutex_);
        parameters = parameters_;
    }
    return parameters ? parameters->redact(std::move(text)) : text;
}

}
