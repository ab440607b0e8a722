// The problems of a document: listed, counted, and revealed where they are.
#include "engine/nodes/catalog.h"
#include "widgets/document/selection.h"
#include "widgets/problems/problems.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace streamwright;

namespace {

constexpr char kBroken[] = R"({"format": "streamwright/1", "settings": {"retries": -1}, "nodes": {
"lines": {"type": "source.socket", "options": {"port": 70000}},
"out": {"type": "sink.console", "options": {"rowz": 1}}}, "edges": ["lines -> out"]})";

}

class ProblemsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsErrorsFirstAndCounts()
    {
        PipelineDocument document(catalog_);
        Problems problems;
        QSignalSpy counts(&problems, &Problems::countsChanged);
        problems.setDocument(&document);
        document.openText(kBroken);
        document.checkNow();
        QTRY_COMPARE(problems.errors(), 3);
        QVERIFY(problems.warnings() > 0);
        QVERIFY(!counts.isEmpty());
        auto* list = problems.findChild<QTreeView*>();
        QVERIFY(list->isVisibleTo(&problems));
        QVERIFY(list->model()->index(0, 0).data(Qt::AccessibleTextRole).toString().startsWith("Error"));
        const int last = list->model()->rowCount() - 1;
        QVERIFY(list->model()->index(last, 0).data(Qt::AccessibleTextRole).toString().startsWith("Warning"));
    }

    void enterSelectsTheNodeAndRevealsTheField()
    {
        PipelineDocument document(catalog_);
        document.openText(kBroken);
        document.checkNow();
        Problems problems;
        problems.setDocument(&document);
        QSignalSpy revealed(&document.selection(), &Selection::revealed);
        auto* list = problems.findChild<QTreeView*>();
        for (int row = 0; row < list->model()->rowCount(); ++row) {
            if (list->model()->index(row, ProblemsModel::Where).data().toString() != "lines.port") continue;
            list->setCurrentIndex(list->model()->index(row, 0));
            QTest::keyClick(list, Qt::Key_Return);
        }
        QCOMPARE(revealed.size(), 1);
        QCOMPARE(revealed[0], QVariantList({"lines", "port"}));
        QCOMPARE(document.selection().only(), std::optional(NodeId{"lines"}));
    }

    void saysSoWhenThereAreNone()
    {
        PipelineDocument document(catalog_);
        document.openText(R"({"nodes": {"numbers": {"type": "source.rate"}, "out": {"type": "sink.console"}}, "edges": ["numbers -> out"]})");
        document.checkNow();
        Problems problems;
        problems.setDocument(&document);
        QTRY_COMPARE(problems.errors() + problems.warnings(), 0);
        QVERIFY(!problems.findChild<QTreeView*>()->isVisibleTo(&problems));
    }

    void modelKeepsTheRules()
    {
        ProblemsModel model;
        QAbstractItemModelTester tester(&model);
        model.setDiagnostics({{"a", "b", "wrong", "mend it", 1, Severity::Warning}, {"", "", "very wrong", "", 0, Severity::Error}});
        QCOMPARE(model.textOf(0), QString("error: very wrong"));
        QCOMPARE(model.textOf(1), QString("warning: a.b: wrong (mend it)"));
        model.setDiagnostics({});
        QCOMPARE(model.rowCount(), 0);
    }

private:
    Catalog catalog_ = builtInNodes();
};

QTEST_MAIN(ProblemsTest)
#include "problems_test.moc"
