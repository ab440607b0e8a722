// What an expression gives on a few rows, as it is typed: asked of the session within 50 ms; an older question is
// cancelled. Hidden while there is nothing to show. UI thread only.
#pragma once
#include "widgets/inspector/field_scope.h"
#include "widgets/inspector/themed_label.h"

namespace streamwright {

class ExpressionPreview : public QWidget {
    Q_OBJECT

public:
    // The scope must outlive it.
    ExpressionPreview(const FieldScope& scope, QWidget* parent);
    void show(const QString& expression);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void answer(const Evaluation& evaluation, bool live);

    const FieldScope& scope_;
    Cancel cancel_;
    QString asked_;
    ThemedLabel title_;
    ThemedLabel rows_;
};

}
