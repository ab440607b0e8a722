// What live sinks keep for people: the rows that stay, as they were after a batch.
#define QT_NO_EMIT
#include "engine/columns/builder.h"
#include "engine/dataflow/live_view.h"

#include <QTest>

using namespace streamwright;

namespace {

const SchemaPtr kSchema = std::make_shared<const Schema>(std::vector<Field>{{"word", TypeKind::String}, {"n", TypeKind::BigInt}});

BatchPtr rowsOf(const std::vector<std::pair<std::string, std::optional<int64_t>>>& rows)
{
    ColumnBuilder words(TypeKind::String), numbers(TypeKind::BigInt);
    for (const auto& [word, n] : rows) {
        words.pushText(word);
        n ? numbers.push(*n) : numbers.pushNull();
    }
    return makeBatch(kSchema, {words.finish(), numbers.finish()}, rows.size());
}

QString textOf(const LiveContent& content)
{
    QString text = QString("%1:").arg(content.batch);
    for (size_t row = 0; row < content.rows->rows(); ++row) {
        text += QString(" %1").arg(QString::fromStdString(std::string(content.rows->column(0)->text(row).view())));
        if (!content.rows->column(1)->isNull(row)) text += QString::number(content.rows->column(1)->value<int64_t>(row));
    }
    return text;
}

void publish(LiveView& view, int64_t batch, const std::vector<std::pair<std::string, std::optional<int64_t>>>& rows)
{
    const std::vector<BatchPtr> parts{rowsOf(rows)};
    view.publish(batch, {batch * 1'000'000}, parts);
}

}

class LiveViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLatestBatch()
    {
        LiveView view({}, kSchema, {.most = 2});
        QCOMPARE(textOf(view.content()), "0:");
        publish(view, 1, {{"a", 1}});
        publish(view, 4, {{"b", 2}, {"c", 3}, {"d", 4}});
        QCOMPARE(textOf(view.content()), "4: b2 c3");
        QCOMPARE(textOf(view.content(3)), "1: a1");
        QCOMPARE(textOf(view.content(0)), "0:");
        QCOMPARE(view.content().batchTime.micros, 4'000'000);
        // Run again after a crash: shown once.
        publish(view, 4, {{"b", 2}});
        QCOMPARE(textOf(view.content()), "4: b2");
        for (int64_t batch = 5; batch < 200; ++batch) publish(view, batch, {{"x", batch}});
        QCOMPARE(textOf(view.content(150)), "150: x150");
        QCOMPARE(textOf(view.content(5)), "0:");
    }

    void theGreatest()
    {
        LiveView view({}, kSchema, {.most = 3, .greatest = 1});
        publish(view, 1, {{"a", 1}, {"none", std::nullopt}, {"b", 7}, {"c", 7}, {"d", 3}});
        QCOMPARE(textOf(view.content()), "1: b7 c7 d3");
        publish(view, 2, {{"none", std::nullopt}, {"b", 1}});
        QCOMPARE(textOf(view.content()), "2: b1 none");
    }

    void theNewestOfAll()
    {
        LiveView view({}, kSchema, {.how = LiveKeep::How::Append, .most = 100});
        for (int64_t batch = 1; batch <= 500; ++batch) publish(view, batch, {{"x", batch}});
        const LiveContent all = view.content();
        QCOMPARE(all.rows->rows(), size_t{100});
        QCOMPARE(all.rows->column(1)->value<int64_t>(0), 401);
        QCOMPARE(all.rows->column(1)->value<int64_t>(99), 500);
        QCOMPARE(view.content(480).rows->column(1)->value<int64_t>(view.content(480).rows->rows() - 1), 480);
        publish(view, 501, std::vector<std::pair<std::string, std::optional<int64_t>>>(300, {"y", 1}));
        QCOMPARE(view.content().rows->rows(), size_t{100});
    }

    void theNewestOfEachKey()
    {
        LiveView view({}, kSchema, {.how = LiveKeep::How::PerKey, .keys = {0}, .most = 3});
        publish(view, 1, {{"a", 1}, {"b", 1}, {"a", 2}});
        QCOMPARE(textOf(view.content()), "1: a2 b1");
        publish(view, 2, {{"c", 1}, {"b", 5}});
        QCOMPARE(textOf(view.content()), "2: b5 c1 a2");
        QCOMPARE(textOf(view.content(1)), "1: a2 b1");
        publish(view, 3, {{"d", 1}});
        QCOMPARE(textOf(view.content()), "3: d1 b5 c1");
        // Many batches of few rows are joined, and mean the same.
        for (int64_t batch = 4; batch < 300; ++batch) publish(view, batch, {{"d", batch}});
        QCOMPARE(textOf(view.content()), "299: d299 b5 c1");
    }
};

QTEST_APPLESS_MAIN(LiveViewTest)
#include "live_view_test.moc"
