// Who is edited: icon of the kind, title, type, what it does, and the name that identifies it. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/inspector/problem_list.h"
#include "widgets/inspector/themed_label.h"

#include <QLineEdit>

namespace streamwright {

class NodeHeader : public QWidget {
    Q_OBJECT

public:
    NodeHeader(PipelineDocument& document, const NodeId& node, QWidget* parent);
    void refresh();
    void refreshChecked();
    void focusName() { name_.setFocus(Qt::OtherFocusReason); }

private:
    void buildTitle();
    void dress();
    void buildName();
    void writeTitle(const QString& title);
    void rename();
    QString whyNot(const QString& name) const;

    PipelineDocument& document_;
    NodeId node_;
    QLineEdit title_;
    ThemedLabel type_;
    ThemedLabel summary_;
    QLineEdit name_;
    ThemedLabel refused_;
    ProblemList problems_;
};

}
