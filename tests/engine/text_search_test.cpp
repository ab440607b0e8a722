// contains() over lines that lie in one text, against what std::string finds in each.
#include "engine/columns/builder.h"
#include "engine/columns/schema.h"
#include "engine/expression/expression.h"

#include <QTest>

#include <random>

using namespace streamwright;

class TextSearchTest : public QObject {
    Q_OBJECT

private slots:
    // Lines cut from one text are searched as one: matches over a line's end, in the bytes between, and none.
    void whatIsFoundLiesInOneLine()
    {
        std::mt19937 random(5);
        for (int round = 0; round < 300; ++round) {
            const auto schema = std::make_shared<Schema>(*parseSchema("line STRING"));
            std::string text;
            std::vector<std::pair<size_t, size_t>> lines;
            for (int i = 0; i < 40; ++i) {
                const size_t from = text.size(), length = random() % 5 == 0 ? random() % 13 : 13 + random() % 90;
                for (size_t k = 0; k < length; ++k) text += static_cast<char>('a' + random() % 3);
                lines.emplace_back(from, length);
                text += round % 2 ? "a" : "";       // a byte that belongs to no line
                if (random() % 9 == 0) text += "aaabcccab";
            }
            ColumnBuilder column(TypeKind::String);
            for (const auto& [from, length] : lines) column.pushView(StringRef(text.data() + from, static_cast<uint32_t>(length)));
            const BatchPtr batch = makeBatch(schema, {column.finish()}, lines.size());
            std::string wanted;
            for (size_t k = 1 + random() % 6; k > 0; --k) wanted += static_cast<char>('a' + random() % 3);
            const auto expression = compileExpression("contains(line, '" + wanted + "')", *schema);
            QVERIFY(expression.has_value());
            const Evaluated evaluated = expression->evaluate(*batch, {});
            for (size_t i = 0; i < lines.size(); ++i) QCOMPARE(evaluated.column->value<uint8_t>(i) != 0, text.substr(lines[i].first, lines[i].second).find(wanted) != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TextSearchTest)
#include "text_search_test.moc"
