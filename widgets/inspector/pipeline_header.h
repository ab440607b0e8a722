// The name of the pipeline, for people. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"

#include <QLineEdit>

namespace streamwright {

class PipelineHeader : public QLineEdit {
    Q_OBJECT

public:
    PipelineHeader(PipelineDocument& document, QWidget* parent);
    void refresh();

private:
    PipelineDocument& document_;
};

}
