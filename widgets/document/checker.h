// Runs check() off the UI thread: at most one at a time, and of what was asked for meanwhile only the newest.
// UI thread only.
#pragma once
#include "engine/dataflow/check.h"

#include <QObject>
#include <QThreadPool>

namespace streamwright {

class Checker : public QObject {
    Q_OBJECT

public:
    // `catalog` outlives it: a check that is under way when it goes is waited for, some milliseconds.
    explicit Checker(const Catalog& catalog, QObject* parent = nullptr) : QObject(parent), catalog_(catalog) {}

    using Checked = std::shared_ptr<const CheckedPipeline>;
    // Has a document checked as soon as none is being checked; `source` is called at that moment.
    struct Job {
        std::shared_ptr<const Document> document;
        std::filesystem::path folder;
    };
    void ask(std::function<Job()> source);
    // Now, on this thread; what is under way is out of date and forgotten.
    Checked checkNow(const Job& job);

Q_SIGNALS:
    void done(std::shared_ptr<const CheckedPipeline> checked);

private:
    void start();
    static Checked run(const Catalog& catalog, const Job& job);
    const Catalog& catalog_;
    std::function<Job()> next_;
    bool running_ = false;
    int round_ = 0;
    QThreadPool pool_;
};

}
