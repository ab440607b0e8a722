// Every kind of field has an editor, and what it shows is what the document holds, byte for byte.
#include "engine/nodes/catalog.h"
#include "engine/pipeline/json.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/inspector/editors/code_edit.h"
#include "widgets/inspector/editors/editors.h"

#include <QCheckBox>
#include <QComboBox>
#include <QSignalSpy>
#include <QTest>

using namespace streamwright;

namespace {

Json json(const char* text) { return std::get<Json>(readJson(text)); }

// Values for kinds that no node declares yet, and shapes that examples do not have.
struct Sample {
    FieldKind kind;
    const char* value;
};
constexpr Sample kSamples[] = {
    {FieldKind::Text, R"("${host}:1")"},
    {FieldKind::Text, R"(" two  blanks\tand a tab ")"},
    {FieldKind::Texts, R"(["a", "b c"])"},
    {FieldKind::Integer, "1e3"},
    {FieldKind::Integer, R"("${port}")"},
    {FieldKind::Integer, R"("9999")"},
    {FieldKind::Integer, R"("99x")"},
    {FieldKind::Number, "1.50"},
    {FieldKind::Boolean, "true"},
    {FieldKind::Duration, R"("1 h")"},
    {FieldKind::Bytes, R"("64MiB")"},
    {FieldKind::TimeZone, R"("Europe/Berlin")"},
    {FieldKind::Path, R"("out/${name}")"},
    {FieldKind::Glob, "\"in/*/x?\""},
    {FieldKind::Secret, R"("${env:PASSWORD}")"},
    {FieldKind::Schema, R"("id BIGINT,\n  name STRING")"},
    {FieldKind::Type, R"("ARRAY<STRING>")"},
    {FieldKind::Column, R"("a b")"},
    {FieldKind::Columns, R"(["id", "${key}"])"},
    {FieldKind::Expression, R"("a +\n b")"},
    {FieldKind::Expressions, R"(["a AS b", "c"])"},
    {FieldKind::Ordering, R"(["n DESC", "word"])"},
    {FieldKind::Aggregates, R"(["count(*) AS n"])"},
    {FieldKind::Table, R"([{"word": "a", "state": 1.0}, {"word": "b", "state": null}])"},
    {FieldKind::Map, R"({"acks": "all", "retries": 3, "flag": "true", "text": "a = b", "empty": ""})"},
};

class FixedScope : public FieldScope {
public:
    Schema columns() const override { return *parseSchema("word STRING, n BIGINT"); }
    Json parameters() const override { return json(R"({"port": 9999, "host": "localhost"})"); }
};

// What a person would type to make the same: the text of each field, one after the other.
void retype(FieldEditor& from, FieldEditor& to)
{
    const auto texts = from.findChildren<CodeEdit*>();
    for (qsizetype i = 0; i < texts.size(); ++i) {
        // A list grows as it is typed into; its last field is empty.
        if (i >= to.findChildren<CodeEdit*>().size()) break;
        to.findChildren<CodeEdit*>()[i]->insertPlainText(texts[i]->text());
    }
    if (const auto* box = from.findChild<QCheckBox*>(); box && texts.isEmpty() && box->isChecked() != to.findChild<QCheckBox*>()->isChecked()) to.findChild<QCheckBox*>()->click();
}

}

class InspectorEditorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindHasAnEditor()
    {
        FixedScope scope;
        QWidget parent;
        for (const FieldKind kind : allFieldKinds()) {
            FieldEditor* editor = makeEditor({.name = "field", .help = "Help.", .kind = kind, .choices = {"one"}}, scope, &parent);
            QVERIFY2(editor, fieldKindName(kind).data());
            QVERIFY2(editor->focusProxy() || kind == FieldKind::Object, fieldKindName(kind).data());
            if (editor->focusProxy()) QVERIFY(!editor->focusProxy()->accessibleName().isEmpty() || editor->findChild<QCheckBox*>());
        }
    }

    void examplesGoThroughByteForByte()
    {
        int seen = 0;
        std::vector<FieldSpec> fields = settingFields();
        for (const NodeType& type : catalog_.types()) fields.insert(fields.end(), type.spec.fields.begin(), type.spec.fields.end());
        for (const FieldSpec& field : fields) {
            for (const Json* value : {&field.example, &field.fallback}) {
                if (value->isNull()) continue;
                ++seen;
                roundTrip(field, *value);
                if (QTest::currentTestFailed()) return;
            }
        }
        QVERIFY(seen > 100);
    }

    void otherShapesGoThroughByteForByte()
    {
        for (const Sample& sample : kSamples) {
            roundTrip({.name = "field", .kind = sample.kind}, json(sample.value));
            if (QTest::currentTestFailed()) return;
        }
    }

    // What the own editor cannot show is shown as JSON text: nothing is lost, whatever the file holds.
    void anythingGoesThroughAsText()
    {
        FixedScope scope;
        QWidget parent;
        for (const FieldKind kind : allFieldKinds()) {
            for (const char* text : {"null", "true", "1.50", "\"text\"", "\"${port}\"", "\"true\"", "\"\\\"quoted\\\"\"", "[]", "[1]", "[\"a\"]", "{}", "{\"a\": [1]}"}) {
                const Json value = json(text);
                FieldEditor* editor = makeEditor({.name = "field", .kind = kind, .choices = {"text"}}, scope, &parent);
                if (!editor->takes(value)) editor = makeJsonEditor({.name = "field", .kind = kind}, scope, &parent);
                editor->show(value);
                QCOMPARE(printJsonLine(*editor->value()), printJsonLine(value));
                FieldEditor* again = editor->takes(value) && !editor->findChild<CodeEdit*>() ? editor : makeJsonEditor({.name = "field"}, scope, &parent);
                again->show(std::nullopt);
                if (CodeEdit* edit = again->findChild<CodeEdit*>()) {
                    edit->insertPlainText(plainText(value));
                    QCOMPARE(printJsonLine(*again->value()), printJsonLine(value));
                }
            }
        }
    }

    void numbersStepWithinTheirRange()
    {
        FixedScope scope;
        QWidget parent;
        FieldEditor* editor = makeEditor({.name = "port", .kind = FieldKind::Integer, .least = 1, .most = 3}, scope, &parent);
        auto* edit = editor->findChild<CodeEdit*>();
        for (const char* expected : {"1", "2", "3", "3"}) {
            QTest::keyClick(edit, Qt::Key_Up);
            QCOMPARE(edit->text(), QString(expected));
        }
        QTest::keyClick(edit, Qt::Key_Down);
        QCOMPARE(printJsonLine(*editor->value()), std::string("2"));
    }

    void listsGrowShrinkAndMove()
    {
        FixedScope scope;
        QWidget parent;
        FieldEditor* editor = makeEditor({.name = "keys", .kind = FieldKind::Texts}, scope, &parent);
        editor->show(std::nullopt);
        parent.show();
        QTest::keyClicks(editor->findChildren<CodeEdit*>()[0], "one");
        QTest::keyClicks(editor->findChildren<CodeEdit*>()[1], "two");
        QCOMPARE(printJsonLine(*editor->value()), std::string(R"(["one", "two"])"));
        QTest::keyClick(editor->findChildren<CodeEdit*>()[0], Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(printJsonLine(*editor->value()), std::string(R"(["two", "one"])"));
        CodeEdit* first = editor->findChildren<CodeEdit*>()[0];
        for (int i = 0; i < 4; ++i) QTest::keyClick(first, Qt::Key_Backspace);
        QCOMPARE(printJsonLine(*editor->value()), std::string(R"(["one"])"));
    }

    void completesColumnsFunctionsAndParameters()
    {
        FixedScope scope;
        const auto has = [](const std::vector<Completion>& all, const QString& text, const QString& detail) {
            return std::any_of(all.begin(), all.end(), [&](const Completion& one) { return one.text == text && one.detail.startsWith(detail) && !one.help.isEmpty(); });
        };
        QVERIFY(has(wordCompletions({.name = "e", .kind = FieldKind::Expression}, scope), "word", "STRING"));
        QVERIFY(has(wordCompletions({.name = "e", .kind = FieldKind::Expression}, scope), "split", "split("));
        QVERIFY(has(wordCompletions({.name = "e", .kind = FieldKind::Aggregates}, scope), "count", "count("));
        QVERIFY(has(parameterCompletions(scope), "${port}", "9999"));
        QVERIFY(wordCompletions({.name = "e", .kind = FieldKind::Text}, scope).empty());
    }

private:
    void roundTrip(const FieldSpec& field, const Json& value)
    {
        FixedScope scope;
        QWidget parent;
        FieldEditor* shown = makeEditor(field, scope, &parent);
        if (!shown->takes(value)) {
            const bool parameter = value.isString() && value.asString().starts_with("${");
            QVERIFY2(parameter, qPrintable(QString::fromStdString(field.name + " does not take " + printJsonLine(value))));
            shown = makeJsonEditor(field, scope, &parent);
        }
        QSignalSpy edited(shown, &FieldEditor::edited);
        shown->show(value);
        QCOMPARE(edited.size(), 0);
        QCOMPARE(printJsonLine(*shown->value()), printJsonLine(value));
        if (shown->findChild<QComboBox*>() || (value.isString() && value.asString().empty())) return;
        FieldEditor* typed = makeEditor(field, scope, &parent);
        if (!typed->takes(value)) typed = makeJsonEditor(field, scope, &parent);
        typed->show(std::nullopt);
        retype(*shown, *typed);
        // What is the default already needs no typing.
        QCOMPARE(printJsonLine(typed->value().value_or(field.fallback)), printJsonLine(value));
    }

    Catalog catalog_ = builtInNodes();
};

QTEST_MAIN(InspectorEditorsTest)
#include "inspector_editors_test.moc"
