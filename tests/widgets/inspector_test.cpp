// The inspector edits the document and nothing else: typing is one command, undo shows in the field, errors stand
// under it, several nodes change at once.
#include "engine/nodes/catalog.h"
#include "engine/pipeline/json.h"
#include "tests/widgets/fake_session.h"
#include "widgets/document/selection.h"
#include "widgets/inspector/editors/code_edit.h"
#include "widgets/inspector/inspector.h"
#include "widgets/inspector/parameter_edits.h"
#include "widgets/inspector/resolved_value.h"

#include <QCheckBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace streamwright;

namespace {

constexpr char kPipeline[] = R"json({"format": "streamwright/1", "parameters": {"port": 9999, "sep": {"value": " ", "help": "Between words."}}, "nodes": {
"lines": {"type": "source.socket", "options": {"port": "${port}"}},
"words": {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}},
"parts": {"type": "flat_map", "options": {"expression": "split(value, ',')", "as": "part"}},
"files": {"type": "source.directory", "options": {"path": "in"}},
"odd": {"type": "no.such.type", "options": {"a": [1, {"b": 2}]}},
"out": {"type": "sink.console"}}, "edges": ["lines -> words", "lines -> parts", "words -> out"]})json";

}

class InspectorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        session_ = new FakeSession;
        run_ = std::make_unique<RunController>(std::unique_ptr<Session>(session_));
        document_ = std::make_unique<PipelineDocument>(catalog_);
        document_->openText(kPipeline);
        document_->checkNow();
        inspector_ = std::make_unique<Inspector>();
        inspector_->setDocument(document_.get(), run_.get());
        inspector_->show();
        QVERIFY(QTest::qWaitForWindowActive(inspector_.get()));
    }

    void cleanup()
    {
        inspector_.reset();
        document_.reset();
        run_.reset();
    }

    void typingIsOneCommandAndUndoShows()
    {
        CodeEdit* edit = field("words", "expression");
        edit->setFocus();
        edit->moveCursor(QTextCursor::End);
        QTest::keyClicks(edit, "[0]");
        QCOMPARE(option("words", "expression"), QString(R"("split(value, ' ')[0]")"));
        QCOMPARE(document_->undoStack().count(), 1);
        QVERIFY(document_->undoStack().text(0).contains("words"));
        QTest::keySequence(edit, QKeySequence::Undo);
        QCOMPARE(edit->text(), QString("split(value, ' ')"));
        QTest::keySequence(edit, QKeySequence::Redo);
        QCOMPARE(edit->text(), QString("split(value, ' ')[0]"));
        QVERIFY(edit->hasFocus());
    }

    void leavingAFieldEndsTheCommand()
    {
        CodeEdit* edit = field("words", "as");
        edit->setFocus();
        QTest::keyClicks(edit, "x");
        row("expression")->focusEditor();
        edit->setFocus();
        edit->moveCursor(QTextCursor::End);
        QTest::keyClicks(edit, "y");
        QCOMPARE(document_->undoStack().count(), 2);
    }

    void theDocumentHoldsWhatIsWrongAndTheFieldSaysWhy()
    {
        CodeEdit* edit = field("lines", "port");
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, "99999x");
        QCOMPARE(option("lines", "port"), QString(R"("99999x")"));
        QTRY_VERIFY(row("port")->hasProblem());
        QVERIFY(shownTexts().filter("port must be an integer").size() == 1);
        QVERIFY(edit->accessibleDescription().contains("port must be an integer"));
        QTest::keyClick(edit, Qt::Key_Backspace);
        QCOMPARE(option("lines", "port"), QString("99999"));
        QTRY_COMPARE(shownTexts().filter("port must be between 1 and 65535").size(), 1);
    }

    void parametersShowTheirValue()
    {
        field("lines", "port");
        QVERIFY(shownTexts().contains("= 9999"));
        QCOMPARE(resolvedText(Json::string("a ${env:HOME} b"), Json::object(), {}), QString("a *** b"));
        QCOMPARE(resolvedText(Json::string("${nothing}"), Json::object(), {}), QString());
        QCOMPARE(resolvedText(Json::string("plain"), Json::object(), {}), QString());
    }

    void severalNodesChangeTogether()
    {
        document_->selection().setNodes({NodeId{"words"}, NodeId{"parts"}});
        auto* edit = qobject_cast<CodeEdit*>(row("as")->editor().focusProxy());
        QCOMPARE(edit->text(), QString());
        QCOMPARE(edit->hint(), QString("Different values"));
        QTest::keyClicks(edit, "both");
        QCOMPARE(option("words", "as"), QString(R"("both")"));
        QCOMPARE(option("parts", "as"), QString(R"("both")"));
        QCOMPARE(document_->undoStack().count(), 1);
        document_->undoStack().undo();
        QCOMPARE(option("parts", "as"), QString(R"("part")"));
        QCOMPARE(edit->text(), QString());
    }

    void fieldsAreShownWhenTheyCount()
    {
        document_->selection().setNodes({NodeId{"files"}});
        QVERIFY(!row("header")->isVisibleTo(inspector_->form()));
        document_->apply(setOption(document_->document(), NodeId{"files"}, "format", Json::string("csv")), "Change");
        QVERIFY(row("header")->isVisibleTo(inspector_->form()));
    }

    void aCheckBoxTakesAParameter()
    {
        document_->selection().setNodes({NodeId{"files"}});
        document_->apply(setOption(document_->document(), NodeId{"files"}, "format", Json::string("csv")), "Change");
        QVERIFY(row("header")->findChild<QCheckBox*>());
        row("header")->write(Json::string("${port}"));
        auto* text = qobject_cast<CodeEdit*>(row("header")->editor().focusProxy());
        QVERIFY(text);
        QCOMPARE(text->text(), QString("${port}"));
        row("header")->write(std::nullopt);
        QVERIFY(qobject_cast<QCheckBox*>(row("header")->editor().focusProxy()));
    }

    void unknownNodesAreShownAndKept()
    {
        document_->selection().setNodes({NodeId{"odd"}});
        QCOMPARE(qobject_cast<CodeEdit*>(row("a")->editor().focusProxy())->text(), QString(R"([1, {"b": 2}])"));
        QVERIFY(!document_->undoStack().canUndo());
    }

    void withNothingSelectedThePipelineIsShown()
    {
        for (const FieldSpec& field : settingFields()) QVERIFY2(row(field.name.c_str()), field.name.c_str());
        row("retries")->write(Json::integer(5));
        QCOMPARE(printJsonLine(*document_->document().settings.find("retries")), std::string("5"));
    }

    void renamedParametersAreFollowed()
    {
        const auto edit = renameParameter(document_->document(), "port", "tcp_port");
        QVERIFY(edit);
        document_->apply(*edit, "Rename");
        QCOMPARE(option("lines", "port"), QString(R"("${tcp_port}")"));
        QCOMPARE(document_->document().parameters.members().front().first, std::string("tcp_port"));
        QVERIFY(!renameParameter(document_->document(), "tcp_port", "sep"));
        QVERIFY(!renameParameter(document_->document(), "tcp_port", "a b"));
        QCOMPARE(printJsonLine(withValue(*document_->document().parameters.find("sep"), Json::string(","))), std::string(R"({"value": ",", "help": "Between words."})"));
    }

    void problemsRevealTheirField()
    {
        document_->selection().setNodes({NodeId{"lines"}});
        document_->selection().reveal(NodeId{"lines"}, "reconnect");
        QVERIFY(row("reconnect")->isVisibleTo(inspector_->form()));
        QVERIFY(row("reconnect")->editor().focusProxy()->hasFocus());
        document_->selection().clear();
        document_->selection().reveal(NodeId{}, "settings.retain.epochs");
        QVERIFY(row("retain")->isAncestorOf(QApplication::focusWidget()));
    }

    void expressionsAreTriedAsTheyAreTyped()
    {
        CodeEdit* edit = field("words", "expression");
        edit->setFocus();
        edit->selectAll();
        session_->evaluations.clear();
        QTest::keyClicks(edit, "upper(value)");
        QVERIFY(session_->evaluations.size() >= 2);
        QVERIFY(session_->evaluations.front().call.cancel.requested());
        auto& last = session_->evaluations.back();
        QVERIFY(!last.call.cancel.requested());
        QCOMPARE(last.query.expression, std::string("upper(value)"));
        QCOMPARE(last.call.deadline, milliseconds(50));
        QVERIFY(!last.query.rows.empty());
        Evaluation evaluation{"STRING", {*parseSchema("value STRING"), {{Cell{"a b"}}}}, {Cell{"A B"}}, {""}};
        last.answer(evaluation);
        QVERIFY(shownTexts().contains("value a b → A B"));
        QVERIFY(shownTexts().contains("On sample rows"));
    }

    void verifyTellsEachStepAndCanBeCancelled()
    {
        document_->selection().setNodes({NodeId{"lines"}});
        QPushButton* button = nullptr;
        for (QPushButton* one : inspector_->findChildren<QPushButton*>()) {
            if (one->text() == "Verify") button = one;
        }
        QVERIFY(button);
        button->click();
        QCOMPARE(session_->verifications.size(), size_t{1});
        QCOMPARE(button->text(), QString("Cancel"));
        button->click();
        QVERIFY(session_->verifications[0].call.cancel.requested());
        session_->verifications[0].answer(std::vector<VerifyStep>{{"resolve localhost", true, "127.0.0.1"}, {"connect to localhost:9999", false, "Connection refused"}});
        QTRY_VERIFY(shownTexts().contains("✓ resolve localhost: 127.0.0.1"));
        QVERIFY(shownTexts().contains("✕ connect to localhost:9999: Connection refused"));
        QCOMPARE(button->text(), QString("Verify"));
    }

    void columnsStandAtTheOutput()
    {
        document_->selection().setNodes({NodeId{"words"}});
        QTRY_VERIFY(shownTexts().contains("word STRING"));
    }

    void everyFieldHasANameAndTabGoesDown()
    {
        document_->selection().setNodes({NodeId{"lines"}});
        row("host")->focusEditor();
        int last = -1;
        for (int i = 0; i < 6; ++i) {
            const QWidget* focus = QApplication::focusWidget();
            QVERIFY2(!focus->accessibleName().isEmpty() || !focus->property("text").toString().isEmpty(), focus->metaObject()->className());
            QVERIFY(inspector_->isAncestorOf(focus));
            // In the page, which scrolls along.
            const int top = focus->mapTo(inspector_->form()->parentWidget(), QPoint()).y();
            if (i > 0) QVERIFY2(top > last, qPrintable(focus->accessibleName()));
            last = top;
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            if (!inspector_->isAncestorOf(QApplication::focusWidget()) || QApplication::focusWidget()->accessibleName() == "Title") break;
        }
    }

private:
    FieldRow* row(const char* name)
    {
        for (FieldRow* one : inspector_->form()->rows()) {
            if (one->spec().name == name) return one;
        }
        return nullptr;
    }

    CodeEdit* field(const char* node, const char* name)
    {
        document_->selection().setNodes({NodeId{node}});
        return qobject_cast<CodeEdit*>(row(name)->editor().focusProxy());
    }

    QString option(const char* node, const char* name) const { return QString::fromStdString(printJsonLine(*document_->node(NodeId{node})->options.find(name))); }

    QStringList shownTexts() const
    {
        QStringList texts;
        for (const QLabel* label : inspector_->findChildren<QLabel*>()) {
            if (label->isVisible()) texts += label->text();
        }
        return texts;
    }

    Catalog catalog_ = builtInNodes();
    FakeSession* session_ = nullptr;    // run_ owns it
    std::unique_ptr<RunController> run_;
    std::unique_ptr<PipelineDocument> document_;
    std::unique_ptr<Inspector> inspector_;
};

QTEST_MAIN(InspectorTest)
#include "inspector_test.moc"
