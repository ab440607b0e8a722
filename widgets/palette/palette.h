// The palette: all node types by group, to search, drag onto the canvas (kNodeTypeMime) or add with Enter.
// Typing anywhere in it searches; Esc clears the search. UI thread only.
#pragma once
#include "widgets/palette/palette_model.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>

namespace streamwright {

class Palette : public QWidget {
    Q_OBJECT

public:
    // The catalog must outlive it.
    explicit Palette(const Catalog& catalog, QWidget* parent = nullptr);
    void focusSearch();

Q_SIGNALS:
    // By double click or Enter: a node of this type, wherever the canvas finds room.
    void addRequested(const QString& type);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildSearch();
    void buildList();
    void showMatches(const QString& search);
    void request(const QModelIndex& index);
    bool searchKey(int key);
    bool listKey(const QString& text, int key);

    PaletteModel model_;
    QLineEdit search_;
    QListView list_;
    QLabel empty_;
};

}
