// The columns at the ports of a node, as check() tells them. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"

#include <QWidget>

namespace streamwright {

class SchemaSection : public QWidget {
    Q_OBJECT

public:
    SchemaSection(PipelineDocument& document, const NodeId& node, QWidget* parent);
    void refreshChecked();

private:
    void addPort(const QString& title, const std::optional<Schema>& schema);

    PipelineDocument& document_;
    NodeId node_;
    QString shown_;                     // as text: rebuilt only when it is another one
};

}
