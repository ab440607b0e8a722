// The palette: every node type by group, searched, added and dragged, with the keyboard alone where it can be.
#include "engine/nodes/catalog.h"
#include "widgets/palette/palette.h"

#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

using namespace streamwright;

class PaletteTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTypeStandsUnderItsGroup()
    {
        PaletteModel model(catalog_);
        QStringList types, titles;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QModelIndex index = model.index(row);
            const QString type = index.data(PaletteModel::TypeRole).toString();
            if (type.isEmpty()) titles += index.data().toString();
            else types += type;
            QCOMPARE(bool(model.flags(index) & Qt::ItemIsDragEnabled), !type.isEmpty());
            if (!type.isEmpty()) QVERIFY(!index.data(Qt::ToolTipRole).toString().isEmpty());
        }
        QCOMPARE(types.size(), static_cast<qsizetype>(catalog_.types().size()));
        QCOMPARE(titles, QStringList({"Sources", "Transformations", "Windows", "State", "Sinks"}));
    }

    void titlesAreInSentenceCase()
    {
        PaletteModel model(catalog_);
        QStringList titles;
        for (int row = 0; row < model.rowCount(); ++row) titles += model.index(row).data().toString();
        for (const char* title : {"Socket", "Update state by key", "Text files", "SQLite", "Flat map"}) QVERIFY2(titles.contains(title), title);
    }

    void searchTakesAllWordsAndRanksTitles()
    {
        PaletteModel model(catalog_);
        model.setSearch("count window");
        for (int row = 0; row < model.rowCount(); ++row) {
            const QString type = model.index(row).data(PaletteModel::TypeRole).toString();
            if (!type.isEmpty()) QVERIFY2(type.contains("window"), qPrintable(type));
        }
        model.setSearch("count");
        QCOMPARE(model.index(model.bestRow()).data(PaletteModel::TypeRole).toString(), QString("count"));
        model.setSearch("no such node");
        QCOMPARE(model.bestRow(), -1);
        QCOMPARE(model.rowCount(), 0);
    }

    void keysSearchAndAdd()
    {
        Palette palette(catalog_);
        palette.show();
        QVERIFY(QTest::qWaitForWindowExposed(&palette));
        palette.focusSearch();
        QSignalSpy added(&palette, &Palette::addRequested);
        QTest::keyClicks(palette.findChild<QLineEdit*>(), "filt");
        QTest::keyClick(palette.findChild<QLineEdit*>(), Qt::Key_Return);
        QCOMPARE(added.takeFirst().front().toString(), QString("filter"));
        QTest::keyClick(palette.findChild<QLineEdit*>(), Qt::Key_Escape);
        QCOMPARE(palette.findChild<QLineEdit*>()->text(), QString());
        auto* list = palette.findChild<QListView*>();
        list->setFocus();
        list->setCurrentIndex(list->model()->index(1, 0));
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Enter);
        QCOMPARE(added.takeFirst().front().toString(), list->model()->index(2, 0).data(PaletteModel::TypeRole).toString());
        QTest::keyClick(list, 'j');
        QCOMPARE(palette.findChild<QLineEdit*>()->text(), QString("j"));
    }

    void dragCarriesTheType()
    {
        PaletteModel model(catalog_);
        model.setSearch("socket");
        const std::unique_ptr<QMimeData> data(model.mimeData({model.index(model.bestRow())}));
        QCOMPARE(data->data(kNodeTypeMime), QByteArray("source.socket"));
    }

private:
    Catalog catalog_ = builtInNodes();
};

QTEST_MAIN(PaletteTest)
#include "palette_test.moc"
