// Every case of the flow files under tests/flows, in every way of running (engine/flow/runner.h). The same
// from the command line: streamwright test tests/flows
// Qt's moc cannot read the standard library's <concepts>.
#ifndef Q_MOC_RUN
#include "engine/flow/runner.h"
#include "engine/nodes/catalog.h"

#include <algorithm>
#include <filesystem>
#endif

#include <QTest>

using namespace streamwright;

namespace {

std::vector<std::filesystem::path> flowFiles()
{
    std::vector<std::filesystem::path> files;
    for (const char* folder : {PROJECT_FOLDER "/tests/flows", PROJECT_FOLDER "/pipelines"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (entry.path().extension() == ".flow") files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

}

class FlowTest : public QObject {
    Q_OBJECT

private slots:
    void flows_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("number");
        for (const auto& file : flowFiles()) {
            const Flow flow = readFlow(file);
            const std::string name = file.lexically_relative(PROJECT_FOLDER).string();
            for (size_t i = 0; i < std::max<size_t>(1, flow.cases.size()); ++i) {
                const std::string row = name + ":" + std::to_string(flow.cases[i].line) + " " + flow.cases[i].title;
                QTest::newRow(row.c_str()) << QString::fromStdString(file.string()) << static_cast<int>(i);
            }
        }
    }

    void flows()
    {
        QFETCH(QString, file);
        QFETCH(int, number);
        const Flow flow = readFlow(file.toStdString());
        for (const Diagnostic& diagnostic : flow.diagnostics) QFAIL(describe(diagnostic, file.toStdString()).c_str());
        const CaseResult result = runCase(flow.cases[static_cast<size_t>(number)], builtInNodes(), Thoroughness::Thorough);
        std::string all;
        for (const FlowFailure& failure : result.failures) all += describe(failure, file.toStdString(), result.modes) + "\n";
        if (!all.empty()) QFAIL(all.c_str());
    }
};

QTEST_GUILESS_MAIN(FlowTest)
#include "flow_test.moc"
