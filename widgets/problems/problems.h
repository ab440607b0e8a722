// The problems of a document: what check() found. A click or Enter selects the node and puts the focus into the
// field that is meant. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/problems/problems_model.h"

#include <QLabel>
#include <QPointer>
#include <QTreeView>

namespace streamwright {

class Problems : public QWidget {
    Q_OBJECT

public:
    explicit Problems(QWidget* parent = nullptr);
    // Follows another document; null: none.
    void setDocument(PipelineDocument* document);
    int errors() const { return model_.count(Severity::Error); }
    int warnings() const { return model_.count(Severity::Warning); }

Q_SIGNALS:
    // For the title of the tab: "Problems 3".
    void countsChanged(int errors, int warnings);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildList();
    void refresh();
    void reveal(const QModelIndex& index);
    void copySelected();

    QPointer<PipelineDocument> document_;
    ProblemsModel model_;
    QTreeView list_;
    QLabel empty_;
};

}
