// The fields of a subject from their declarations: those that matter first, the advanced ones folded away, each
// shown while its `visibleWhen` holds. UI thread only.
#pragma once
#include "widgets/inspector/field_row.h"

namespace streamwright {

class Form : public QWidget {
    Q_OBJECT

public:
    Form(std::unique_ptr<Subject> subject, QWidget* parent);

    Subject& subject() { return *subject_; }
    const std::vector<FieldRow*>& rows() const { return rows_; }
    // Null if there is none; unfolds what hides it.
    FieldRow* reveal(const std::string& field);
    void refresh();
    void refreshChecked();

private:
    void buildFold();
    void unfold(bool open);
    void showRows();
    bool isWanted(const FieldRow& row) const;

    std::unique_ptr<Subject> subject_;  // outlives the rows, which read it
    std::vector<FieldRow*> rows_;
    QVBoxLayout* column_;
    QToolButton* fold_ = nullptr;
};

}
