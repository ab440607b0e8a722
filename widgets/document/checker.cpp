#include "widgets/document/checker.h"

#include "widgets/document/background.h"

namespace streamwright {

Checker::Checked Checker::run(const Catalog& catalog, const Job& job)
{
    CheckOptions options;
    options.folder = job.folder;
    return std::make_shared<const CheckedPipeline>(check(*job.document, catalog, options));
}

void Checker::ask(std::function<Job()> source)
{
    next_ = std::move(source);
    if (!running_) start();
}

Checker::Checked Checker::checkNow(const Job& job)
{
    next_ = nullptr;
    ++round_;
    return run(catalog_, job);
}

void Checker::start()
{
    running_ = true;
    const Job job = std::exchange(next_, nullptr)();
    inBackground(this, [&catalog = catalog_, job] { return run(catalog, job); }, [this, round = round_](const Checked& checked) {
        running_ = false;
        if (round == round_) Q_EMIT done(checked);
        if (next_) start();
    }, pool_);
}

}
